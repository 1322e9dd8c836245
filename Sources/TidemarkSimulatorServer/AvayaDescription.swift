internal import TidemarkSimulator

/// What a client needs to use a running simulator of Avaya Spaces: the first line that `tidemark simulate` prints.
public struct AvayaDescription: Hashable, Sendable, Codable {
    public struct OAuth: Hashable, Sendable, Codable {
        public var clientID: String
        public var clientSecret: String
        /// Of the first account; good once.
        public var refreshToken: String
    }

    /// `avaya`.
    public var service: String
    /// `http://127.0.0.1:PORT`, for the REST interface and the files.
    public var url: String
    public var port: Int
    /// Registered users; each token is good for a day.
    public var accounts: [SimulatorDescription.Account]
    /// `http://127.0.0.1:PORT`, for `/socket.io/`.
    public var socketURL: String
    /// For `/oauth2/…`.
    public var accountsURL: String
    /// Ids of group spaces that anybody may enter, guests too.
    public var spaces: [String]
    public var oauth: OAuth

    /// Takes a refresh token for the first user.
    init(avaya: inout AvayaSimulator, port: Int) {
        service = "avaya"
        url = avaya.baseURL
        self.port = port
        let registered = avaya.users.filter { !$0.isGuest }
        accounts = registered.map { .init(id: $0.id, token: $0.token, displayName: $0.displayName) }
        socketURL = avaya.socketURL
        accountsURL = avaya.accountsURL
        spaces = avaya.spaces.filter { $0.type == "group" && $0.isOpen && $0.deletedAt == nil && $0.password == nil }.map(\.id)
        oauth = OAuth(
            clientID: avaya.clientID, clientSecret: avaya.clientSecret,
            refreshToken: avaya.refreshToken(for: registered.first?.id ?? ""))
    }
}
