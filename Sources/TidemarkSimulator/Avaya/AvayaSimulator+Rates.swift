/// The published limits (wire page §8). Refused calls count too.
extension AvayaSimulator {
    struct Limit: Sendable {
        var method: String
        /// As `AvayaCall.operation` names it, without the method.
        var path: String
        var count: Int
        var milliseconds: Int64
    }

    static let resourceLimits = [
        Limit(method: "POST", path: "files/getuploadurl", count: 30, milliseconds: 60_000),
        Limit(method: "POST", path: "spaces/{id}/invite", count: 10, milliseconds: 600_000),
        Limit(method: "POST", path: "spaces/invite", count: 10, milliseconds: 600_000),
        Limit(method: "POST", path: "users/me/spaces/{id}/markread", count: 1, milliseconds: 5_000),
    ]

    mutating func keepRate(_ call: AvayaCall, _ user: String) throws(AvayaRefusal) {
        guard behavior.limitsRates else { return }
        let parts = call.operation.split(separator: " ").dropFirst().joined(separator: "/")
        let own = Self.resourceLimits.first { $0.method == call.method && $0.path == parts }
        // A mark counts for its space; the other calls count by what they do.
        let name = own?.count == 1 ? call.path.joined(separator: "/") : "\(call.method) \(parts)"
        let isOver = [
            isHit("\(user) all", most: 600, within: 300_000, call.now),
            isHit("\(user) \(name)", most: own?.count ?? 60, within: own?.milliseconds ?? 60_000, call.now),
        ].contains(true)
        guard !isOver else {
            throw AvayaRefusal(
                status: behavior.rateStatus, code: "rate.limit.exceeded", message: "Too many requests.",
                retryAfter: behavior.sendsRetryAfter ? 10 : nil)
        }
    }

    /// Counts one; says whether there were too many before it.
    mutating func isHit(_ key: String, most: Int, within milliseconds: Int64, _ now: Int64) -> Bool {
        let recent = (hits[key] ?? []).filter { $0 > now - milliseconds }
        hits[key] = recent + [now]
        return recent.count >= most
    }
}
