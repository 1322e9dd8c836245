internal import GRDB

/// A view of the store that can be read once or followed.
public struct LiveView<Value: Sendable & Equatable>: Sendable {
    let store: MessageStore
    /// A commit that touches nothing of it does not make it read again.
    var scope = Touched.everything
    let read: @Sendable (Database) throws -> Value

    /// The view as it is now: one moment of the store. Throws ``StoreError``.
    public func get() throws -> Value {
        try store.read(read)
    }

    /// The view now, and again after each change of its own content, in the order of the changes.
    ///
    /// A consumer that is slow gets the newest state and not each one between. Nothing runs while nobody waits for an
    /// element, and nothing has to be freed: the sequence ends when its task is cancelled. It throws ``StoreError``, of
    /// code `closed` once the store is closed; while it is suspended it waits. Changes that other processes make are seen within
    /// ``MessageStore/foreignChangeInterval``.
    public func updates() -> Updates {
        Updates(view: self)
    }

    public struct Updates: AsyncSequence, Sendable {
        public typealias Element = Value
        public typealias Failure = any Error

        let view: LiveView<Value>

        public func makeAsyncIterator() -> Iterator {
            Iterator(view: view)
        }
    }

    public struct Iterator: AsyncIteratorProtocol {
        let view: LiveView<Value>
        private var last: Value?
        private var seen: ChangeSignal.Mark?

        init(view: LiveView<Value>) {
            self.view = view
        }

        public mutating func next() async throws -> Value? {
            while !Task.isCancelled {
                if let seen {
                    guard await view.store.change(after: seen, of: view.scope) else { return nil }
                }
                do {
                    if let value = try changed() { return value }
                } catch let error as StoreError where error.code == .suspended {
                    await view.store.waitForResumption()
                    seen = nil
                }
            }
            return nil
        }

        /// What is to be seen now, if it is another than before.
        private mutating func changed() throws -> Value? {
            if seen == nil { try view.store.beginWatching() }
            // The mark is taken before the read: a change in between is looked at once more, never missed.
            seen = view.store.changes.mark
            let value = try view.get()
            guard value != last else { return nil }
            last = value
            return value
        }
    }
}
