package import TidemarkModel

/// Which part of an account is worked on. What lies outside stays as it is, for another time.
package struct Extent: Hashable, Sendable {
    /// `nil`: all.
    package var conversations: Set<ConversationID>?
    /// Whether the list of conversations is read for its own sake. A look-up that needs it reads it in any case.
    package var readsList = true
    /// Whether what is new is read from the top down to what is known. Look-ups are in any case.
    package var catchesUp = true
    /// Whether history is read towards its beginning.
    package var fillsBack = true

    package init() {}

    package func contains(_ conversation: ConversationID) -> Bool {
        conversations?.contains(conversation) ?? true
    }

    /// A condition on a column that holds a conversation's number; empty where all are meant. Only numbers stand in it.
    func condition(on column: String) -> String {
        guard let conversations else { return "" }
        let numbers = conversations.map(\.number).sorted().map(String.init).joined(separator: ", ")
        return "AND \(column) IN (\(numbers))"
    }
}

/// A statement about the conversations of an extent. About all of them it is one text, made once.
struct ScopedSQL: Sendable {
    private let ofAll: SQLText
    private let make: @Sendable (Extent) -> String

    /// `make` puts the extent's condition where it belongs.
    init(_ make: @escaping @Sendable (Extent) -> String) {
        self.make = make
        ofAll = SQLText(once: make(Extent()))
    }

    func callAsFunction(_ extent: Extent) -> SQLText {
        extent.conversations == nil ? ofAll : SQLText(make(extent))
    }
}
