//! The identifier an instance is known by to receivers.

use redb::{Database, TableDefinition, TableHandle};
use vcc_exporter::store::{FILE_NAME, Store, backup};

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
    const IDENTITY: TableDefinition<'_, &str, u128> = TableDefinition::new("identity");
    let directory = tempfile::tempdir().unwrap();
    drop(Store::open(directory.path()).unwrap());
    {
        let database = Database::open(directory.path().join(FILE_NAME)).unwrap();
        let transaction = database.begin_write().unwrap();
        assert!(
            transaction.delete_table(IDENTITY).unwrap(),
            "{}",
            IDENTITY.name()
        );
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
