//! How a row becomes a type.

/// `Url: text = "CURLOPT_URL" 10002 "7.1.0", "Where to …";`: our name, the kind of value, libcurl's
/// name and number, the version that brought it, what it does.
macro_rules! options {
    ($($name:ident: $kind:ident$(($of:ty))? = $option:literal $number:literal $since:literal, $doc:literal;)+) => {
        pub(super) const ROWS: &[Row] = &[$(Row {
            name: $option,
            number: $number,
            kind: c_kind!($kind$(($of))?),
            since: $since,
            policy: Policy::Safe,
            ours: stringify!($name),
            text: $doc,
        }),+];
        $(option! {
            $kind$(($of))? $name, $option, $doc,
            Id { name: $option, number: $number, since: Version::read($since) }
        })+
    };
}

/// `Derived: Long = "CURLOPT_NOSIGNAL" 99 "7.10.0", "why";`
macro_rules! untyped {
    ($($policy:ident: $kind:ident = $option:literal $number:literal $since:literal, $why:literal;)+) => {
        pub(super) const ROWS: &[Row] = &[$(Row {
            name: $option,
            number: $number,
            kind: Kind::$kind,
            since: $since,
            policy: Policy::$policy,
            ours: "",
            text: $why,
        }),+];
    };
}

macro_rules! c_kind {
    (off($of:ty)) => {
        Kind::OffT
    };
    (text) => {
        Kind::Text
    };
    (line) => {
        Kind::Text
    };
    (secret) => {
        Kind::Text
    };
    (schemes) => {
        Kind::Text
    };
    (list) => {
        Kind::List
    };
    (blob) => {
        Kind::Blob
    };
    (secretblob) => {
        Kind::Blob
    };
    (special($of:ty)) => {
        Kind::Object
    };
    ($($number:tt)+) => {
        Kind::Long
    };
}

/// The type of one option.
macro_rules! option {
    (flag $name:ident, $($rest:tt)+) => { option! { long(bool) $name, $($rest)+ } };
    (long($of:ty) $name:ident, $($rest:tt)+) => {
        option! { @plain $name($of), value, handle, id,
            kind::set_long(handle, id, value.long(id)?), $($rest)+ }
    };
    (verify $name:ident, $($rest:tt)+) => {
        // 1 is no value any more.
        option! { @plain $name(bool), value, handle, id,
            kind::set_long(handle, id, if value { 2 } else { 0 }), $($rest)+ }
    };
    (seconds $name:ident, $($rest:tt)+) => {
        option! { @plain $name(Duration), value, handle, id,
            kind::set_long(handle, id, kind::duration(id, value, Duration::from_secs(1))?), $($rest)+ }
    };
    (millis $name:ident, $($rest:tt)+) => {
        option! { @plain $name(Duration), value, handle, id,
            kind::set_long(handle, id, kind::duration(id, value, Duration::from_millis(1))?), $($rest)+ }
    };
    (off($of:ty) $name:ident, $($rest:tt)+) => {
        option! { @plain $name($of), value, handle, id,
            kind::set_off(handle, id, value.off(id)?), $($rest)+ }
    };
    (@plain $name:ident($of:ty), $value:ident, $handle:ident, $id:ident, $set:expr, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name(pub $of);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, $handle: &mut Handle) -> Result<()> {
                let ($value, $id) = (self.0, const { $row });
                $set
            }
        }
    };
    (text $name:ident, $($rest:tt)+) => { option! { @text $name, set_text, $($rest)+ } };
    (line $name:ident, $($rest:tt)+) => { option! { @text $name, set_line, $($rest)+ } };
    (@text $name:ident, $set:ident, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name<T>(pub T);
        impl<T: Text> Sealed for $name<T> {}
        impl<T: Text> Setting for $name<T> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::$set(handle, const { $row }, self.0.text())
            }
        }
    };
    (schemes $name:ident, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy, Debug)]
        pub struct $name<S>(pub S);
        impl<S: value::SchemeNames> Sealed for $name<S> {}
        impl<S: value::SchemeNames> Setting for $name<S> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_line(handle, const { $row }, Some(self.0.names().as_bytes()))
            }
        }
    };
    (secret $name:ident, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy)]
        pub struct $name<T>(pub T);
        impl<T: Text> Sealed for $name<T> {}
        impl<T: Text> Setting for $name<T> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_secret(handle, const { $row }, self.0.text())
            }
        }
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
    (list $name:ident, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Debug)]
        pub struct $name(pub List);
        impl Sealed for $name {}
        impl Setting for $name {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_list(handle, const { $row }, self.0)
            }
        }
    };
    (blob $name:ident, $($rest:tt)+) => {
        option! { @blob $name, $($rest)+ }
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
    (secretblob $name:ident, $($rest:tt)+) => {
        option! { @blob $name, $($rest)+ }
        impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
    (@blob $name:ident, $option:literal, $doc:literal, $row:expr) => {
        #[doc = $doc]
        #[doc = ""]
        #[doc = concat!("[`", $option, "`](https://curl.se/libcurl/c/", $option, ".html)")]
        #[doc(alias = $option)]
        #[derive(Clone, Copy)]
        pub struct $name<'a>(pub &'a [u8]);
        impl Sealed for $name<'_> {}
        impl Setting for $name<'_> {
            fn apply(self, handle: &mut Handle) -> Result<()> {
                kind::set_blob(handle, const { $row }, self.0)
            }
        }
    };
    // Written by hand, beside the table.
    (special($of:ty) $($rest:tt)+) => {};
}
