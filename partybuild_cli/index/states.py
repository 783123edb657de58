"""The states of a round (评分轮次的状态), as a person reads them; light, for those who compute nothing."""

STATE_WORDS = {
    "draft": "草稿",
    "self": "自评",
    "peer": "互评",
    "committee": "组织评定",
    "posted": "公示",
    "revised": "已修订",
    "locked": "已锁定",
}
