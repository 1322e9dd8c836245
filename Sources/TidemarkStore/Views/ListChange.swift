/// One step from an old list to a new one. Steps are done in their order, each on the list that the one before has left.
public enum ListChange<Element: Identifiable & Hashable & Sendable>: Hashable, Sendable {
    case remove(at: Int)
    case insert(Element, at: Int)
    /// Takes the element out and puts it where it has this index then.
    case move(from: Int, to: Int)
    /// The same element says something else.
    case update(Element, at: Int)
}

/// A list, and how it came out of the one before.
public struct ListUpdate<Element: Identifiable & Hashable & Sendable>: Hashable, Sendable {
    public var list: [Element]
    /// The first update inserts everything.
    public var changes: [ListChange<Element>]
}

extension Array where Element: Identifiable & Hashable & Sendable {
    /// The steps that lead from this list to another: removals, then insertions and as few moves as do it, then updates.
    ///
    /// Elements are the same when their ids are. An id that stands in a list twice counts where it stands first.
    public func changes(to new: [Element]) -> [ListChange<Element>] {
        var changes: [ListChange<Element>] = []
        let kept = Set(new.map(\.id))
        var current: [Element] = []
        var seen: Set<Element.ID> = []
        for (index, element) in enumerated().reversed() where !kept.contains(element.id) || firstIndex(of: element.id) != index {
            changes.append(.remove(at: index))
        }
        for element in self where kept.contains(element.id) && seen.insert(element.id).inserted { current.append(element) }
        let target = new.distinct
        let resting = Self.longestRun(of: current, in: target)
        for (index, element) in target.enumerated() {
            // Behind the one before it, which stands where it belongs by now.
            let behind = index == 0 ? 0 : (current.firstIndex(of: target[index - 1].id) ?? -1) + 1
            guard let place = current.firstIndex(of: element.id) else {
                changes.append(.insert(element, at: behind))
                current.insert(element, at: behind)
                continue
            }
            guard !resting.contains(element.id), place != behind else { continue }
            let moved = current.remove(at: place)
            let end = place < behind ? behind - 1 : behind
            current.insert(moved, at: end)
            changes.append(.move(from: place, to: end))
        }
        for (index, element) in target.enumerated() where current[index] != element {
            changes.append(.update(element, at: index))
        }
        return changes
    }

    /// This list after the steps. Steps that don't fit it are passed over.
    public func applying(_ changes: [ListChange<Element>]) -> [Element] {
        var list = self
        for change in changes {
            switch change {
            case .remove(let index) where list.indices.contains(index): list.remove(at: index)
            case .insert(let element, let index) where (0...list.count).contains(index): list.insert(element, at: index)
            case .move(let from, let to) where list.indices.contains(from) && list.indices.contains(to):
                list.insert(list.remove(at: from), at: to)
            case .update(let element, let index) where list.indices.contains(index): list[index] = element
            case .remove, .insert, .move, .update: continue
            }
        }
        return list
    }

    private func firstIndex(of id: Element.ID) -> Int? {
        firstIndex { $0.id == id }
    }

    /// Each id once, where it stands first.
    private var distinct: [Element] {
        var seen: Set<Element.ID> = []
        return filter { seen.insert($0.id).inserted }
    }

    /// The most elements that stand in both lists in the same order: they need not move.
    private static func longestRun(of old: [Element], in new: [Element]) -> Set<Element.ID> {
        let places = Dictionary(new.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let order = old.compactMap { element in places[element.id].map { (id: element.id, place: $0) } }
        // For each length, the run that ends lowest; and who stands before whom in it.
        var ends: [Int] = []
        var previous: [Int?] = []
        for (index, item) in order.enumerated() {
            var (low, high) = (0, ends.count)
            while low < high {
                let middle = (low + high) / 2
                if order[ends[middle]].place < item.place { low = middle + 1 } else { high = middle }
            }
            previous.append(low > 0 ? ends[low - 1] : nil)
            if low == ends.count { ends.append(index) } else { ends[low] = index }
        }
        var run: Set<Element.ID> = []
        var place = ends.last
        while let index = place {
            run.insert(order[index].id)
            place = previous[index]
        }
        return run
    }
}
