select
    model,
    value,
    low,
    high
from model_evaluation
where "window" = 'test'
    and metric = $metric
order by value desc, model
