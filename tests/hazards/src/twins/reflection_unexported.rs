//! Twin of `reflection_unexported.go`.

/// There is no reflection that would reach around a private field: neither read nor written, it does
/// not compile outside of its module.
///
/// ```compile_fail,E0616
/// mod bank {
///     pub struct Account {
///         owner: String,
///         pub label: String,
///     }
///     impl Account {
///         pub fn of(owner: &str) -> Self {
///             Self { owner: owner.to_owned(), label: String::new() }
///         }
///     }
/// }
/// let mut account = bank::Account::of("bob");
/// account.owner = "eve".to_owned();
/// ```
///
/// A public one does:
///
/// ```
/// mod bank {
///     pub struct Account {
///         owner: String,
///         pub label: String,
///     }
///     impl Account {
///         pub fn of(owner: &str) -> Self {
///             Self { owner: owner.to_owned(), label: String::new() }
///         }
///         pub fn owner(&self) -> &str {
///             &self.owner
///         }
///     }
/// }
/// let mut account = bank::Account::of("bob");
/// account.label = "savings".to_owned();
/// assert_eq!((account.owner(), &*account.label), ("bob", "savings"));
/// ```
pub fn twin() -> ffence::Result<()> {
    let account = account::Account::of("bob");
    assert_eq!(account.owner(), "bob");
    Ok(())
}

mod account {
    pub(super) struct Account {
        owner: String,
    }

    impl Account {
        pub(super) fn of(owner: &str) -> Self {
            Self { owner: owner.to_owned() }
        }

        pub(super) fn owner(&self) -> &str {
            &self.owner
        }
    }
}
