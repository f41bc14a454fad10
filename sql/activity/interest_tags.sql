/*---
description = "How much a member cares for each subject: the affinity to the courses that carry the tag, added up, which fades by half in half_life_days; how much that sets the member apart from the community, and how much evidence there is"
kind = "table"
grain = ["user_id", "tag"]
sort = []
sensitive = true

[columns]
user_id = "pseudonym of the member"
tag = "subject, lowercase"
weight = "affinity to the courses with the tag (see course_affinity), to 6 decimals"
share = "part of the member's weights, 0 to 1"
tfidf = "share times the inverse document frequency ln((1 + N) / (1 + n)) + 1, of N members with any subject n with this one: subjects that few care for stand out"
confidence = "weight / (weight + 5), 0 to 1: half at the weight of five lessons seen today, or one course completed"

[checks]
not_null = ["user_id", "tag", "weight", "share", "tfidf", "confidence"]
expressions = { weighs = "weight > 0", shares = "share > 0 and share <= 1 and tfidf >= share", confides = "confidence > 0 and confidence < 1" }
---*/
with totals as (
    select user_id, cast(sum(weight_micro) as bigint) as total_micro
    from member_tags
    group by user_id
),

shares as (
    select
        tags.user_id,
        tags.tag,
        cast(tags.weight_micro as double) as weight_micro,
        cast(tags.weight_micro as double) / totals.total_micro as share
    from totals
    inner join member_tags as tags on totals.user_id = tags.user_id
),

final as (
    select
        shares.user_id,
        shares.tag,
        shares.weight_micro / 1000000 as weight,
        shares.share,
        shares.share * numbers.idf as tfidf,
        shares.weight_micro / (shares.weight_micro + 5000000) as confidence
    from tag_numbers as numbers
    inner join shares on numbers.tag = shares.tag
)

select * from final
