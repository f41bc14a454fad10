/*---
description = "How the ratings that stand spread over the scale: how many of a course's lie in each fifth of it"
kind = "table"
grain = ["course_id", "bucket"]
sort = []

[columns]
course_id = "the site's id of the course; only courses that were rated"
bucket = "fifth of the scale from $rating_min to $rating_max, 1 = lowest; the lower end belongs to it, the upper end to the next, the very top to the fifth one"
from_rating = "lower end of the fifth, stars"
to_rating = "upper end of the fifth, stars"
ratings = "ratings in it, one a member; null = held back"
all_ratings = "ratings of the course, one a member; null = held back"
share = "ratings / all_ratings, 0 to 1; null = held back"

[privacy]
counts = { all_ratings = { by = ["course_id"] }, ratings = { of = "all_ratings" } }
ratios = { share = ["ratings", "all_ratings"] }
totals = [["bucket"]]

[checks]
not_null = ["course_id", "bucket", "from_rating", "to_rating"]
expressions = { is_a_fifth = "bucket between 1 and 5" }
relationships = { course_id = "course_stats.course_id" }
---*/
with placed as (
    select
        course_id,
        cast(least(5, 1 + floor((rating - $rating_min) * 5 / ($rating_max - $rating_min))) as bigint) as bucket
    from latest_ratings
),

counted as (
    select course_id, bucket, count(*) as ratings
    from placed
    group by course_id, bucket
),

totals as (
    select course_id, cast(sum(ratings) as bigint) as all_ratings
    from counted
    group by course_id
),

buckets as (
    select * from (values (1), (2), (3), (4), (5)) as buckets (bucket)
),

final as (
    select
        totals.course_id,
        cast(buckets.bucket as bigint) as bucket,
        $rating_min + (buckets.bucket - 1) * ($rating_max - $rating_min) / 5 as from_rating,
        $rating_min + buckets.bucket * ($rating_max - $rating_min) / 5 as to_rating,
        coalesce(counted.ratings, 0) as ratings,
        totals.all_ratings,
        cast(coalesce(counted.ratings, 0) as double) / totals.all_ratings as share
    from totals
    cross join buckets
    left join counted on totals.course_id = counted.course_id and buckets.bucket = counted.bucket
)

select * from final
