//! A session model as bytes, and back. Little-endian:
//!
//! ```text
//! u8 version · u8 parts · u64 courses ─ u32 index …
//! parts & 1:   u32 dim · f64 alpha0 · f64 reg · f64 nu · f32 value … (courses × dim) · f64 gram … (dim × dim)
//! parts & 2:   u32 offset … (courses + 1) · u32 column … (as many as the last offset) · f32 weight … (as many)
//! u32 CRC-32 of everything before it
//! ```

use super::bytes::{CRC_BYTES, Rest, add_checksum};
use super::packed::UnpackError;
use super::session::{SessionError, SessionFactors, SessionModel, SessionRows};

const VERSION: u8 = 1;
const FACTORS: u8 = 1;
const ROWS: u8 = 2;
/// Version, parts and the number of courses.
const HEAD_BYTES: usize = 10;
/// The dim and the three parameters.
const PARAMS_BYTES: usize = 28;

/// Packs a model that agrees with itself.
pub(super) fn pack(model: &SessionModel) -> Result<Vec<u8>, SessionError> {
    model.check()?;
    let (factors, rows) = (model.factors.as_ref(), model.rows.as_ref());
    // At once, because a model may have hundreds of megabytes.
    let mut bytes = Vec::with_capacity(packed_bytes(model));
    let parts = factors.map_or(0, |_| FACTORS) | rows.map_or(0, |_| ROWS);
    bytes.extend_from_slice(&[VERSION, parts]);
    bytes.extend_from_slice(&(model.courses.len() as u64).to_le_bytes());
    add_all(&model.courses, u32::to_le_bytes, &mut bytes);
    if let Some(factors) = factors {
        bytes.extend_from_slice(&factors.dim.to_le_bytes());
        add_all(&[factors.alpha0, factors.reg, factors.nu], f64::to_le_bytes, &mut bytes);
        add_all(&factors.values, f32::to_le_bytes, &mut bytes);
        add_all(&factors.gram, f64::to_le_bytes, &mut bytes);
    }
    if let Some(rows) = rows {
        add_all(&rows.offsets, u32::to_le_bytes, &mut bytes);
        add_all(&rows.columns, u32::to_le_bytes, &mut bytes);
        add_all(&rows.weights, f32::to_le_bytes, &mut bytes);
    }
    add_checksum(&mut bytes);
    Ok(bytes)
}

fn packed_bytes(model: &SessionModel) -> usize {
    let factors = |factors: &SessionFactors| PARAMS_BYTES + size_of_val(&*factors.values) + size_of_val(&*factors.gram);
    let rows = |rows: &SessionRows| size_of_val(&*rows.offsets) + size_of_val(&*rows.columns) + size_of_val(&*rows.weights);
    let parts = model.factors.as_ref().map_or(0, factors) + model.rows.as_ref().map_or(0, rows);
    HEAD_BYTES + size_of_val(&*model.courses) + parts + CRC_BYTES
}

fn add_all<T: Copy, const N: usize>(numbers: &[T], to_bytes: fn(T) -> [u8; N], bytes: &mut Vec<u8>) {
    numbers.iter().for_each(|&number| bytes.extend_from_slice(&to_bytes(number)));
}

/// Unpacks a model. Any bytes are safe: what isn't a model that agrees with itself is an error, and takes no more memory than the bytes.
pub(super) fn unpack(bytes: &[u8]) -> Result<SessionModel, SessionError> {
    let mut rest = Rest::checked(bytes)?;
    let [version, parts] = rest.take()?;
    known("session model version", version, version == VERSION)?;
    known("session model with parts", parts, parts & !(FACTORS | ROWS) == 0)?;
    // What doesn't fit is more than could be there.
    let count = usize::try_from(u64::from_le_bytes(rest.take()?)).unwrap_or(usize::MAX);
    let courses = take_all(&mut rest, count, u32::from_le_bytes)?;
    let factors = if parts & FACTORS == 0 { None } else { Some(unpack_factors(&mut rest, count)?) };
    let rows = if parts & ROWS == 0 { None } else { Some(unpack_rows(&mut rest, count)?) };
    rest.finish()?;
    let model = SessionModel { courses, factors, rows };
    model.check()?;
    Ok(model)
}

fn unpack_factors(rest: &mut Rest<'_>, courses: usize) -> Result<SessionFactors, UnpackError> {
    let dim = u32::from_le_bytes(rest.take()?);
    let [alpha0, reg, nu] = [rest.take()?, rest.take()?, rest.take()?].map(f64::from_le_bytes);
    let values = take_all(rest, courses.saturating_mul(dim as usize), f32::from_le_bytes)?;
    let gram = take_all(rest, (dim as usize).saturating_mul(dim as usize), f64::from_le_bytes)?;
    Ok(SessionFactors { dim, alpha0, reg, nu, values, gram })
}

fn unpack_rows(rest: &mut Rest<'_>, courses: usize) -> Result<SessionRows, UnpackError> {
    let offsets = take_all(rest, courses.saturating_add(1), u32::from_le_bytes)?;
    let entries = offsets.last().map_or(0, |last| *last as usize);
    let columns = take_all(rest, entries, u32::from_le_bytes)?;
    let weights = take_all(rest, entries, f32::from_le_bytes)?;
    Ok(SessionRows { offsets, columns, weights })
}

fn take_all<T, const N: usize>(rest: &mut Rest<'_>, count: usize, from_bytes: fn([u8; N]) -> T) -> Result<Vec<T>, UnpackError> {
    Ok(rest.take_many(count)?.iter().map(|&bytes| from_bytes(bytes)).collect())
}

fn known(what: &'static str, code: u8, is_known: bool) -> Result<(), UnpackError> {
    if is_known { Ok(()) } else { Err(UnpackError::Code { what, code }) }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_set, vec};
    use proptest::prelude::*;

    use super::*;

    fn factors(courses: usize) -> impl Strategy<Value = SessionFactors> {
        (0..5_u32, -1e3_f64..1e3, 0.0..1.0_f64, 0.0..1.0_f64).prop_flat_map(move |(dim, alpha0, reg, nu)| {
            let (values, gram) = (courses * dim as usize, (dim * dim) as usize);
            let numbers = (vec(-1e6_f32..1e6, values), vec(-1e6_f64..1e6, gram));
            numbers.prop_map(move |(values, gram)| SessionFactors { dim, alpha0, reg, nu, values, gram })
        })
    }

    fn rows(courses: usize) -> impl Strategy<Value = SessionRows> {
        let row = proptest::sample::subsequence((0..courses as u32).collect::<Vec<_>>(), 0..=courses);
        vec(row, courses).prop_flat_map(|rows| {
            let ends = rows.iter().scan(0, |end, row| {
                *end += row.len() as u32;
                Some(*end)
            });
            let (offsets, columns) = (std::iter::once(0).chain(ends).collect::<Vec<_>>(), rows.concat());
            let weights = vec(-1e6_f32..1e6, columns.len());
            weights.prop_map(move |weights| SessionRows { offsets: offsets.clone(), columns: columns.clone(), weights })
        })
    }

    fn models() -> impl Strategy<Value = SessionModel> {
        let courses = btree_set(any::<u32>(), 0..8).prop_map(|courses| courses.into_iter().collect::<Vec<_>>()).prop_shuffle();
        courses.prop_flat_map(|courses| {
            let parts = (proptest::option::of(factors(courses.len())), proptest::option::of(rows(courses.len())));
            parts.prop_map(move |(factors, rows)| SessionModel { courses: courses.clone(), factors, rows })
        })
    }

    fn model() -> SessionModel {
        let factors = SessionFactors { dim: 2, alpha0: 0.1, reg: 0.01, nu: 1.0, values: vec![0.5, 0.0, 0.25, -1.0], gram: vec![0.5; 4] };
        let rows = SessionRows { offsets: vec![0, 2, 2], columns: vec![0, 1], weights: vec![1.0, 0.5] };
        SessionModel { courses: vec![7, 3], factors: Some(factors), rows: Some(rows) }
    }

    fn summed(body: &[u8]) -> Vec<u8> {
        let mut bytes = body.to_vec();
        add_checksum(&mut bytes);
        bytes
    }

    proptest! {
        #[test]
        fn unpacks_what_it_packed(model in models()) {
            let bytes = pack(&model).unwrap();
            prop_assert_eq!(bytes.len(), packed_bytes(&model));
            prop_assert_eq!(unpack(&bytes).unwrap(), model);
        }

        #[test]
        fn any_bytes_are_safe(body in vec(any::<u8>(), 0..200)) {
            prop_assert!(unpack(&body).is_err());
            let _ = unpack(&summed(&[&[VERSION, FACTORS | ROWS], body.as_slice()].concat()));
        }

        /// A wrong number behind a right checksum: an error, or another model that agrees with itself.
        #[test]
        fn any_changed_number_is_safe(model in models(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = pack(&model).unwrap();
            bytes.truncate(bytes.len() - CRC_BYTES);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            prop_assert!(unpack(&summed(&bytes)).map_or(true, |model| model.check().is_ok()));
        }
    }

    #[test]
    fn every_cut_and_every_changed_bit_is_noticed() {
        let bytes = pack(&model()).unwrap();
        for at in 0..bytes.len() {
            assert!(matches!(unpack(&bytes[..at]), Err(SessionError::Unpack(_))), "cut at {at}");
            for mask in [1, 1 << 7, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= mask;
                assert!(matches!(unpack(&changed), Err(SessionError::Unpack(UnpackError::Checksum { .. }))), "changed at {at}");
            }
        }
    }

    #[test]
    fn a_cut_with_a_right_checksum_is_noticed_by_its_length() {
        let bytes = pack(&model()).unwrap();
        for at in 0..bytes.len() - CRC_BYTES {
            let cut = summed(&bytes[..at]);
            assert_eq!(unpack(&cut), Err(UnpackError::Length { bytes: cut.len() }.into()), "cut at {at}");
        }
    }

    #[test]
    fn an_empty_model_has_a_head_alone() {
        let empty = SessionModel::default();
        let bytes = pack(&empty).unwrap();
        assert_eq!((bytes.len(), unpack(&bytes)), (HEAD_BYTES + CRC_BYTES, Ok(empty)));
        let longer = summed(&[VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(unpack(&longer), Err(UnpackError::Length { bytes: longer.len() }.into()));
    }

    #[test]
    fn newer_programs_and_bad_models_are_refused() {
        let refused = |body: &[u8]| unpack(&summed(body)).unwrap_err();
        assert_eq!(refused(&[2, 0]), UnpackError::Code { what: "session model version", code: 2 }.into());
        assert_eq!(refused(&[VERSION, 4]), UnpackError::Code { what: "session model with parts", code: 4 }.into());
        let twice = SessionModel { courses: vec![1, 1], ..SessionModel::default() };
        let error = SessionError::Order { what: "courses", course: 1 };
        assert_eq!(pack(&twice), Err(error));
        assert_eq!(refused(&[VERSION, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]), error);
    }

    #[test]
    fn counts_that_nothing_holds_allocate_nothing() {
        let head = |courses: u64| [&[VERSION, FACTORS | ROWS], courses.to_le_bytes().as_slice()].concat();
        for courses in [1, u64::from(u32::MAX), u64::MAX / 4, u64::MAX] {
            let bytes = summed(&head(courses));
            assert_eq!(unpack(&bytes), Err(UnpackError::Length { bytes: bytes.len() }.into()));
        }
        let bytes = summed(&[head(0).as_slice(), &u32::MAX.to_le_bytes(), &[0; 24]].concat());
        assert_eq!(unpack(&bytes), Err(UnpackError::Length { bytes: bytes.len() }.into()));
    }
}
