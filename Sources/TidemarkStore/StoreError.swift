/// What the store refuses or cannot do, with what to do about it.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Stable codes for programs. More may be added.
    public struct Code: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let notFound = Code(rawValue: "notFound")
        /// A line of a file can't be taken in; which one stands in the sentence.
        public static let badLine = Code(rawValue: "badLine")
        public static let ambiguous = Code(rawValue: "ambiguous")
        public static let invalidArgument = Code(rawValue: "invalidArgument")
        /// The token was used before for another body.
        public static let tokenReused = Code(rawValue: "tokenReused")
        /// The message, intent or conversation is not in a state that allows it.
        public static let notAllowed = Code(rawValue: "notAllowed")
        public static let notAStore = Code(rawValue: "notAStore")
        public static let newerStore = Code(rawValue: "newerStore")
        public static let olderStore = Code(rawValue: "olderStore")
        public static let unsuitableSQLite = Code(rawValue: "unsuitableSQLite")
        public static let readOnly = Code(rawValue: "readOnly")
        public static let diskFull = Code(rawValue: "diskFull")
        public static let cannotOpen = Code(rawValue: "cannotOpen")
        public static let damaged = Code(rawValue: "damaged")
        public static let busy = Code(rawValue: "busy")
        public static let closed = Code(rawValue: "closed")
        /// The store is suspended (``MessageStore/suspend()``).
        public static let suspended = Code(rawValue: "suspended")
        public static let leaseHeld = Code(rawValue: "leaseHeld")
        public static let alreadyRunning = Code(rawValue: "alreadyRunning")
        /// The service keeps no history to read or to compare with.
        public static let noHistory = Code(rawValue: "noHistory")
        /// What a plan was made on has changed since.
        public static let planOutdated = Code(rawValue: "planOutdated")
        public static let notAdopted = Code(rawValue: "notAdopted")
    }

    public var code: Code
    /// A sentence that says what happened and what to do. It holds no message text and no secret.
    public var description: String
    /// What an ambiguous id can mean.
    public var candidates: [String]

    public init(_ code: Code, _ description: String, candidates: [String] = []) {
        self.code = code
        self.description = description
        self.candidates = candidates
    }
}
