/// What a store is opened for.
public enum OpeningMode: String, Hashable, Sendable {
    /// To look. Nothing is created, migrated, checkpointed or locked; an older schema is read through a migrated temporary
    /// copy, which does not follow later changes.
    case readOnly
    /// To write to a store that exists; an older schema is migrated.
    case readWrite
    /// As `readWrite`, and a missing file is made.
    case create
}
