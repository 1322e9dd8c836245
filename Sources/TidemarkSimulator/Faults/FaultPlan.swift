internal import TidemarkModel

/// What goes wrong on the way to a service and back, and how often. One seed, one sequence of faults.
public struct FaultPlan: Hashable, Sendable, Codable {
    /// What happens to one request.
    public enum Kind: Hashable, Sendable, Codable {
        /// It never arrives.
        case dropRequest
        /// It arrives, the service acts, the answer is lost.
        case dropResponse
        /// The service answers with this status and has not acted.
        case status(Int)
        /// The service acts and answers with this status all the same.
        case applied(Int)
        /// It arrives twice, as proxies repeat one; the second answer is what its client hears.
        case duplicate
        /// Something that was just written is not known yet.
        case earlyNotFound
        /// The answer is cut off in its middle.
        case truncated
        /// The answer is no JSON.
        case malformed
        /// It arrives only after its client has given up.
        case late

        /// As it stands in a specification: `applied-504`.
        public var name: String {
            switch self {
            case .dropRequest: "drop-request"
            case .dropResponse: "drop-response"
            case .status(let status): "status-\(status)"
            case .applied(let status): "applied-\(status)"
            case .duplicate: "duplicate"
            case .earlyNotFound: "early-404"
            case .truncated: "truncated"
            case .malformed: "malformed"
            case .late: "late"
            }
        }

        static let all: [Kind] =
            [.dropRequest, .dropResponse] + [401, 408, 429, 500, 503].map(Kind.status)
            + [408, 500, 503, 504].map(Kind.applied) + [.duplicate, .earlyNotFound, .truncated, .malformed, .late]

        public init?(name: String) {
            guard let kind = Self.all.first(where: { $0.name == name }) else { return nil }
            self = kind
        }
    }

    public private(set) var rates: [(kind: Kind, share: Double)] {
        get { zip(kinds, shares).map { ($0, $1) } }
        set {
            kinds = newValue.map(\.kind)
            shares = newValue.map(\.share)
        }
    }

    private var kinds: [Kind] = []
    private var shares: [Double] = []
    /// The longest that an answer takes, in milliseconds; each takes up to it.
    public var delay: Int64 = 0
    /// When what is late arrives.
    public var lateness = Lateness()
    /// How often each kind struck, by its name.
    public private(set) var struck: [String: Int] = [:]
    private var generator: SeededGenerator

    public init(seed: UInt64 = 1) {
        generator = SeededGenerator(seed: seed)
    }

    /// Reads `drop-request=0.05,delay=20ms,status-429=0.02,late=0.01,late-by=2s`; without `late-by` what is late arrives
    /// before or after a quarantine. Throws ``SpecificationError``.
    public init(_ text: String, seed: UInt64 = 1) throws {
        self.init(seed: seed)
        for (name, value) in try Specification.pairs(text) {
            if name == "delay" {
                delay = try Specification.milliseconds(value, name)
            } else if name == "late-by" {
                lateness = .within(milliseconds: try Specification.milliseconds(value, name))
            } else if let kind = Kind(name: name) {
                add(kind, try Specification.share(value, name))
            } else {
                let known = Kind.all.map(\.name).joined(separator: ", ")
                throw SpecificationError("There is no fault called \(name); it knows delay, late-by, \(known).")
            }
        }
    }

    public mutating func add(_ kind: Kind, _ share: Double) {
        kinds.append(kind)
        shares.append(share)
    }

    /// What happens to the next request, and how long its answer takes in milliseconds.
    public mutating func next() -> (kind: Kind?, delay: Int64) {
        let wait = delay > 0 ? Int64(generator.next() % UInt64(delay + 1)) : 0
        for (kind, share) in rates where generator.chance(share) {
            struck[kind.name, default: 0] += 1
            return (kind, wait)
        }
        return (nil, wait)
    }

    /// How long after its client gave up the next late request arrives, in milliseconds.
    mutating func nextLateness(listLag: Int64) -> Int64 {
        lateness.draw(listLag: listLag, using: &generator)
    }

    /// A fault found nothing to strike: an answer without a body can't be cut. It is not counted.
    mutating func missed(_ kind: Kind) {
        guard let count = struck[kind.name] else { return }
        struck[kind.name] = count > 1 ? count - 1 : nil
    }

    /// From now on nothing goes wrong. What struck stays counted.
    public mutating func stop() {
        kinds = []
        shares = []
        delay = 0
    }
}
