public import TidemarkModel

/// Which of two packets about one message is the newer one (rule R21): deleted before not, then the greatest time on the wire,
/// then the update topic before the others, then the later arrival.
///
/// Only the last of these is the receiver's own, so devices can differ where the first three are equal: LiveKit's Python class
/// repeats the original time in every edit.
public struct LiveKitVersion: Hashable, Comparable, Sendable, Codable {
    public var isDeleted: Bool
    /// `nil` is older than any time.
    public var wireTime: Timestamp?
    public var isUpdate: Bool
    /// The number that the packet got when it was first stored; see ``LiveKitArrival``.
    public var arrival: Int64

    public init(isDeleted: Bool, wireTime: Timestamp?, isUpdate: Bool, arrival: Int64) {
        self.isDeleted = isDeleted
        self.wireTime = wireTime
        self.isUpdate = isUpdate
        self.arrival = arrival
    }

    public init(_ observation: LiveKitObservation, arrival: Int64) {
        self.init(
            isDeleted: observation.change == .delete, wireTime: observation.wireTime,
            isUpdate: observation.carrier == .updateTopic, arrival: arrival)
    }

    public static func < (left: LiveKitVersion, right: LiveKitVersion) -> Bool {
        if left.isDeleted != right.isDeleted { return right.isDeleted }
        if left.wireTime != right.wireTime {
            guard let rightTime = right.wireTime else { return false }
            return left.wireTime.map { $0 < rightTime } ?? true
        }
        if left.isUpdate != right.isUpdate { return right.isUpdate }
        return left.arrival < right.arrival
    }
}
