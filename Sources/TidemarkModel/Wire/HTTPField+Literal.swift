package import HTTPTypes

extension HTTPField.Name {
    /// A name that is written in the code, and so known to be one.
    package static func literal(_ name: StaticString) -> HTTPField.Name {
        guard let field = HTTPField.Name("\(name)") else { preconditionFailure("A header name holds only token characters.") }
        return field
    }
}
