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
    /// Tables it makes.
    pub writes: &'static [StageTable],
}

/// Every stage.
pub const STAGES: &[Stage] = &[LEARN, SEGMENTS];

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
    writes: &[StageTable {
        name: "member_segments",
        description: "One row per segment of hachi.toml and member who is in it at the watermark.",
        grain: &[SEGMENT, SEGMENT_MEMBER],
        columns: &[(SEGMENT, "name of the segment"), (SEGMENT_MEMBER, "pseudonym of the member")],
    }],
};

/// Factor matrices and lists from interactions.
pub const LEARN: Stage = Stage {
    name: "learn",
    area: "recommend",
    reads: &["course_affinity", "course_popularity", "course_stats", "member_behaviours"],
    writes: &[
        StageTable {
            name: "course_factors",
            description: "One row per course with acts: its vector in the implicit factor model.",
            grain: &["course_id"],
            columns: &[("course_id", "course"), ("factors", "factor vector, no unit; dot with a member's gives the score")],
        },
        StageTable {
            name: "recommendations",
            description: "One row per member and rank: what to show next, best first, with where it comes from and why.",
            grain: &["user_id", "rank"],
            columns: &[
                ("user_id", "pseudonym of the member"),
                ("rank", "1 = first"),
                ("course_id", "course"),
                ("score", "reciprocal rank fusion of the models' ranks, no unit; comparable within one list"),
                ("source", "model that ranked the course best: ials, ridge or popular"),
                ("reasons", "up to three past courses or behaviours with their share of the model's score, 0 to 1"),
            ],
        },
        StageTable {
            name: "ridge_weights",
            description: "One row per behaviour and course: the weight W of the linear model from behaviours to courses.",
            grain: &["behaviour", "course_id"],
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
            columns: &[("user_id", "pseudonym of the member"), ("factors", "factor vector, no unit")],
        },
    ],
};
