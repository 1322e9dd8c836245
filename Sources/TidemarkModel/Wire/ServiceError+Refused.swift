extension ServiceError {
    /// A request that this side refuses to make.
    package static func refused(_ code: Code, _ sentence: String) -> ServiceError {
        ServiceError(code, certainty: .notApplied, serviceMessage: sentence)
    }
}
