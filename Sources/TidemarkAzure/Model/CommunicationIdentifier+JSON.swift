import TidemarkModel

extension CommunicationIdentifier {
    /// Reads an identifier with or without `kind` and `rawId`, or a bare text as before 2021-01-27-preview4.
    init?(json: JSONValue?) {
        guard let json else { return nil }
        if let text = json.text {
            guard !text.isEmpty else { return nil }
            self.init(rawID: text)
            return
        }
        let told = Self(parts: json)
        if let rawID = json["rawId"]?.text, !rawID.isEmpty {
            // The raw id is the key. The part beside it only tells more, and only if it is the same participant.
            self = told.flatMap { $0.rawID == rawID ? $0 : nil } ?? Self(rawID: rawID)
        } else if let told {
            self = told
        } else {
            return nil
        }
    }

    private init?(parts json: JSONValue) {
        if let id = json["communicationUser"]?["id"]?.text {
            self = .communicationUser(id: id)
        } else if let phone = json["phoneNumber"], let value = phone["value"]?.text {
            self = .phoneNumber(
                value: value, isAnonymous: phone["isAnonymous"]?.truth ?? false, assertedID: phone["assertedId"]?.text)
        } else if let user = json["microsoftTeamsUser"], let id = user["userId"]?.text {
            self = .microsoftTeamsUser(
                userID: id, isAnonymous: user["isAnonymous"]?.truth ?? false, cloud: CommunicationCloud(json: user["cloud"]))
        } else if let app = json["microsoftTeamsApp"], let id = app["appId"]?.text {
            self = .microsoftTeamsApp(appID: id, cloud: CommunicationCloud(json: app["cloud"]))
        } else if let user = json["teamsExtensionUser"], let id = user["userId"]?.text, let tenant = user["tenantId"]?.text,
            let resource = user["resourceId"]?.text
        {
            self = .teamsExtensionUser(
                userID: id, tenantID: tenant, resourceID: resource, cloud: CommunicationCloud(json: user["cloud"]))
        } else {
            return nil
        }
    }

    /// As the service's own examples write it: the raw id, and the part of its kind where there is one.
    var json: JSONValue {
        var members: [String: JSONValue] = ["rawId": .string(rawID)]
        switch self {
        case .communicationUser(let id):
            members["communicationUser"] = .object(["id": .string(id)])
        case .phoneNumber(let value, let isAnonymous, let assertedID):
            members["phoneNumber"] = .object(of: [
                "value": .string(value), "isAnonymous": isAnonymous ? .bool(true) : nil,
                "assertedId": assertedID.map { .string($0) },
            ])
        case .microsoftTeamsUser(let user, let isAnonymous, let cloud):
            members["microsoftTeamsUser"] = .object([
                "userId": .string(user), "isAnonymous": .bool(isAnonymous), "cloud": .string(cloud.rawValue),
            ])
        case .microsoftTeamsApp(let app, let cloud):
            members["microsoftTeamsApp"] = .object(["appId": .string(app), "cloud": .string(cloud.rawValue)])
        case .teamsExtensionUser(let user, let tenant, let resource, let cloud):
            members["teamsExtensionUser"] = .object([
                "userId": .string(user), "tenantId": .string(tenant), "resourceId": .string(resource),
                "cloud": .string(cloud.rawValue),
            ])
        case .unknown:
            break
        }
        return .object(members)
    }
}

extension CommunicationCloud {
    fileprivate init(json: JSONValue?) {
        self = json?.text.map { CommunicationCloud(rawValue: $0) } ?? .public
    }
}
