public import TidemarkSimulator

/// What a client needs to use a running simulator: the first line that `tidemark simulate` prints.
public struct SimulatorDescription: Hashable, Sendable, Codable {
    public struct Account: Hashable, Sendable, Codable {
        public var id: String
        /// Good for a day from when the user was made.
        public var token: String
        public var displayName: String
    }

    /// `azure`.
    public var service: String
    /// `http://127.0.0.1:PORT`
    public var url: String
    public var port: Int
    public var accounts: [Account]
    /// The resource's key, base64.
    public var accessKey: String
    public var connectionString: String

    public init(azure: AzureSimulator, port: Int) {
        service = "azure"
        url = azure.baseURL
        self.port = port
        accounts = azure.users.map { Account(id: $0.id, token: $0.token, displayName: $0.displayName) }
        accessKey = azure.accessKey
        connectionString = azure.connectionString
    }
}
