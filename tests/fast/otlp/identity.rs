//! The identifier an instance is known by to receivers.

use redb::{Database, TableDefinition, TableHandle};
use vcc_store::{FILE_NAME, Store, backup};

#[test]
fn it_is_made_once_kept_and_copied() {
    let directory = tempfile::tempdir().unwrap();
    let (state, copy) = (
        directory.path().join("state"),
        directory.path().join("copy"),
    );
    let id = {
        let store = Store::open(&state).unwrap();
        backup(&store, &copy).unwrap();
        store.instance_id().unwrap()
    };
    assert_eq!(id.len(), 36, "{id}");
    assert_eq!(Store::open(&state).unwrap().instance_id().unwrap(), id);
    assert_eq!(Store::open(&copy).unwrap().instance_id().unwrap(), id);
    let other = Store::open(&directory.path().join("other")).unwrap();
    assert_ne!(other.instance_id().unwrap(), id);
}

#[test]
fn an_older_state_gets_one_when_it_is_opened() {
    const SCHEMA: TableDefinition<'_, &str, u32> = TableDefinition::new("vcc-exporter");
    let directory = tempfile::tempdir().unwrap();
    drop(Store::open(directory.path()).unwrap());
    {
        let database = Database::open(directory.path().join(FILE_NAME)).unwrap();
        let transaction = database.begin_write().unwrap();
        // Version 1 began without it, and without what traces need.
        let mut schema = transaction.open_table(SCHEMA).unwrap();
        schema.insert("schema", 1).unwrap();
        drop(schema);
        let names: Vec<_> = transaction.list_tables().unwrap().collect();
        for table in names {
            if ["identity", "outbox", "traced"].contains(&table.name()) {
                assert!(transaction.delete_table(table).unwrap());
            }
        }
        transaction.commit().unwrap();
    }
    let id = Store::open(directory.path())
        .unwrap()
        .instance_id()
        .unwrap();
    assert_eq!(
        Store::open(directory.path())
            .unwrap()
            .instance_id()
            .unwrap(),
        id
    );
}
