//! The one table of Rust stages: what each reads, and the tables it makes.
//!
//! A stage is a node of the same graph as the SQL models. What does not belong: what a stage computes.

/// A published table of a stage.
#[derive(Debug, Clone, Copy)]
pub struct StageTable {
    /// Table name.
    pub name: &'static str,
    /// One sentence: what a row is.
    pub description: &'static str,
    /// Columns that name a row.
    pub grain: &'static [&'static str],
    /// Whether rows are about single members: files are encrypted where a site has keys.
    pub is_sensitive: bool,
    /// Column and meaning, with its unit.
    pub columns: &'static [(&'static str, &'static str)],
}

/// A computation in Rust between SQL tables.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Name in plans and selections.
    pub name: &'static str,
    /// Area, as for models.
    pub area: &'static str,
    /// SQL tables it reads.
    pub reads: &'static [&'static str],
    /// What it is made from.
    pub made_from: MadeFrom,
    /// Tables it makes.
    pub writes: &'static [StageTable],
}

/// What the tables of a stage are made from: if it is the same as last time, so are they.
#[derive(Debug, Clone, Copy)]
pub enum MadeFrom {
    /// All that it reads.
    Contents,
    /// The weeks that ended a week ago or longer, so that it is made once a week, whatever comes a few days late.
    Weeks {
        /// Tables by day that count with these days.
        by_day: &'static [&'static str],
        /// Small tables that count whole. What is read besides says nothing more.
        whole: &'static [&'static str],
    },
}

/// Every stage.
pub const STAGES: &[Stage] = &[EVALUATE, LEARN, SEGMENTS];

/// How good each model is.
pub const MODEL_EVALUATION: &str = "model_evaluation";
/// What each model counts.
pub const BLEND_WEIGHTS: &str = "blend_weights";

/// The table whose columns the predicates of segments name: one row per member.
pub const SEGMENTS_FROM: &str = "member_profile";
/// Column with the segment's name.
pub const SEGMENT: &str = "segment";
/// Column with the member, there and in [`SEGMENTS_FROM`].
pub const SEGMENT_MEMBER: &str = "user_id";

/// How every check went: the last table of a run, made of all others and by no node, so no node can read it.
pub const CHECK_RESULTS: StageTable = StageTable {
    name: "check_results",
    description: "One row per check of the tables and sources of the snapshot: how it went.",
    grain: &["model", "check_name"],
    is_sensitive: false,
    columns: &[
        ("model", "table or model that was checked, or the raw table of a source"),
        ("check_name", "what was checked; contract = its columns against those of the last snapshot"),
        ("severity", "what its failure means: error = nothing is published, warn = it is told"),
        ("status", "pass, warn or error"),
        ("failing_rows", "rows that break it; of unique, keys; of drift, rows more or fewer"),
        ("detail", "what was found, for a person; empty where it passed"),
    ],
};

/// Members of the segments that the site declares.
pub const SEGMENTS: Stage = Stage {
    name: "segments",
    area: "activity",
    reads: &[SEGMENTS_FROM],
    made_from: MadeFrom::Contents,
    writes: &[StageTable {
        name: "member_segments",
        description: "One row per segment of hachi.toml and member who is in it at the watermark.",
        grain: &[SEGMENT, SEGMENT_MEMBER],
        is_sensitive: true,
        columns: &[(SEGMENT, "name of the segment"), (SEGMENT_MEMBER, "pseudonym of the member")],
    }],
};

/// Models beside each other on the site's own days, before lists are made.
pub const EVALUATE: Stage = Stage {
    name: "evaluate",
    area: "recommend",
    reads: &["course_affinity", "course_facts", "member_course_days", "ratings", "stg_refused"],
    made_from: MadeFrom::Weeks { by_day: &["member_course_days", "ratings"], whole: &["course_facts", "stg_refused"] },
    writes: &[
        StageTable {
            name: BLEND_WEIGHTS,
            description: "One row per model: what it counts in the blend, learned from what members took up in the test window.",
            grain: &["model"],
            is_sensitive: false,
            columns: &[
                ("model", "model, as in model_evaluation"),
                ("deviations", "log-odds of being taken up for a standard deviation of the model's scores within a member"),
                ("log_odds", "the same for a unit of the log-odds of the rank within a member"),
            ],
        },
        StageTable {
            name: MODEL_EVALUATION,
            description: "One row per window, model and metric: models learn from what was before the window, and are asked for what members took up in it; made anew each week.",
            grain: &["window", "model", "metric"],
            is_sensitive: false,
            columns: &[
                ("window", "validation, test, or published: the test window of the blend that the lists are made by"),
                ("model", "model; blend = all others by the weights that the validation window gives"),
                ("metric", "metric and where lists are cut, such as ndcg@10"),
                ("value", "mean over members, no unit; rmse and mae in stars"),
                ("low", "lower end of the 95 % bootstrap interval over members"),
                ("high", "upper end"),
                (
                    "difference",
                    "value less that of the model with the highest ndcg@10 in the test window, over the same members; null = that model, another window, or not compared",
                ),
                ("difference_low", "lower end of its 95 % interval"),
                ("difference_high", "upper end"),
                ("members", "members who were asked about"),
                ("from_date", "first local day of the window"),
                ("to_date", "last local day of the window"),
            ],
        },
    ],
};

/// The lists, which are written as they are made.
pub const RECOMMENDATIONS: StageTable = StageTable {
    name: "recommendations",
    description: "One row per member and rank: what to show next, best first, with where it comes from and why.",
    grain: &["user_id", "rank"],
    is_sensitive: true,
    columns: &[
        ("user_id", "pseudonym of the member"),
        ("rank", "1 = first"),
        ("course_id", "course"),
        (
            "score",
            "sum of what the models add by their weights, times boosts, no unit; comparable within one list; variety and new courses may break its order",
        ),
        ("source", "what adds most to the score: a model of the blend, ridge, or segment = popular among members of the same language"),
        ("reasons", "up to three past courses or behaviours with their share of the source's score, 0 to 1"),
    ],
};

/// Factor matrices and lists from interactions.
pub const LEARN: Stage = Stage {
    name: "learn",
    area: "recommend",
    reads: &[
        BLEND_WEIGHTS,
        "course_affinity",
        "course_facts",
        "course_gram",
        "course_popularity",
        "course_stats",
        "language_popularity",
        "listed_members",
        "member_behaviours",
        MODEL_EVALUATION,
    ],
    made_from: MadeFrom::Contents,
    writes: &[
        StageTable {
            name: "course_factors",
            description: "One row per course with acts: its vector in the implicit factor model.",
            grain: &["course_id"],
            is_sensitive: false,
            columns: &[("course_id", "course"), ("factors", "factor vector, no unit; dot with a member's gives the score")],
        },
        StageTable {
            name: "factor_gram",
            description: "One row per factor: what a history is folded into the implicit factor model with, besides course_factors.",
            grain: &["factor"],
            is_sensitive: false,
            columns: &[
                ("factor", "number of the factor, from 0"),
                ("gram", "its products with each factor, summed over all courses, no unit"),
                ("alpha0", "weight of what a member has not touched, the same in each row"),
                ("reg", "regularisation, the same in each row"),
                ("nu", "exponent of the regularisation's scale, the same in each row"),
            ],
        },
        StageTable {
            name: "item_weights",
            description: "One row per course and other course: what the one in a history adds to the score of the other (EASE); the 200 largest of each course.",
            grain: &["course_id", "other_course_id"],
            is_sensitive: false,
            columns: &[
                ("course_id", "course in a history"),
                ("other_course_id", "course that is scored"),
                ("weight", "what is added, no unit; negative = speaks against it"),
            ],
        },
        RECOMMENDATIONS,
        StageTable {
            name: "ridge_weights",
            description: "One row per behaviour and course: the weight W of the linear model from behaviours to courses.",
            grain: &["behaviour", "course_id"],
            is_sensitive: false,
            columns: &[
                ("behaviour", "behaviour, as in member_behaviours"),
                ("course_id", "course"),
                ("weight", "affinity per standard deviation of the behaviour"),
            ],
        },
        StageTable {
            name: "similar_courses",
            description: "One row per course and rank: courses that the same members take, best first.",
            grain: &["course_id", "rank"],
            is_sensitive: false,
            columns: &[
                ("course_id", "course"),
                ("rank", "1 = most similar"),
                ("similar_course_id", "course"),
                ("score", "cosine of the two factor vectors, −1 to 1"),
            ],
        },
        StageTable {
            name: "user_factors",
            description: "One row per member with acts: their vector in the implicit factor model.",
            grain: &["user_id"],
            is_sensitive: true,
            columns: &[("user_id", "pseudonym of the member"), ("factors", "factor vector, no unit")],
        },
    ],
};
