//! Who this state is to those it is pushed to: an identifier made once and kept with the counters.
//!
//! A receiver of OTLP tells series apart by `service.instance.id`. Were it made anew with each
//! start, as is usual for counters that begin at 0, counters that go on would look like new ones
//! that begin in the millions.

use redb::{ReadTransaction, ReadableTable, TableDefinition, TableError, WriteTransaction};

use super::error::StoreError;

/// What the state is known by: see the key below.
pub(super) const IDENTITY: TableDefinition<'_, &str, u128> = TableDefinition::new("identity");
/// Key of the instance's identifier.
const INSTANCE: &str = "instance";

/// Gives a state its identifier, unless it has one.
pub(super) fn ensure(transaction: &WriteTransaction) -> Result<(), StoreError> {
    let mut table = transaction.open_table(IDENTITY)?;
    let known = table.get(INSTANCE)?.is_some();
    if !known {
        table.insert(INSTANCE, uuid_of(rand::random()))?;
    }
    Ok(())
}

/// The identifier; a read-only look at a state may find none.
pub(super) fn stored(transaction: &ReadTransaction) -> Result<Option<String>, StoreError> {
    match transaction.open_table(IDENTITY) {
        Ok(table) => Ok(table.get(INSTANCE)?.map(|id| written(id.value()))),
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A UUID of version 4 out of random bits (RFC 9562, 5.4): six of them say version and variant.
fn uuid_of(random: u128) -> u128 {
    const VERSION: u128 = 0xf << 76;
    const VARIANT: u128 = 0b11 << 62;
    (random & !VERSION & !VARIANT) | (4 << 76) | (0b10 << 62)
}

/// A UUID as text (RFC 9562, 4).
fn written(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &hex[part]);
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bits_become_a_uuid_of_version_4() {
        assert_eq!(written(uuid_of(0)), "00000000-0000-4000-8000-000000000000");
        assert_eq!(
            written(uuid_of(u128::MAX)),
            "ffffffff-ffff-4fff-bfff-ffffffffffff"
        );
    }
}
