import TidemarkStore

/// Stores in memory that an earlier history is done with, made as new: what their connections have prepared costs as much as the
/// rest of a short history. Each thread has its own.
package final class StoreShelf {
    private var stores: [MessageStore] = []

    package init() {}

    func take() throws -> MessageStore {
        guard let store = stores.popLast() else { return try MessageStore.inMemory() }
        try store.renew()
        return store
    }

    func put(_ store: MessageStore) {
        stores.append(store)
    }
}
