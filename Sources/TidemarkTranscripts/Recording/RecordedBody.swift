/// What a service's text stands for, where it travels as markup: what its adapter reads of it.
public enum RecordedBody: Hashable, Sendable {
    /// A plain text, however it was wrapped and escaped on its way.
    case text(String)
    /// It has markup of its own, and the engine keeps it as it came.
    case html(String)
}
