import TidemarkModel
import TidemarkStore

/// How far an intent is when somebody does something.
enum Standing: String, CaseIterable {
    /// Nothing of it has left.
    case queued
    /// It waits for what it is about: the conversation's creation, or the message's send.
    case waiting
    /// In transmission, and the request has not reached the service.
    case underWay
    /// In transmission, and the answer is on its way back.
    case answered
    /// The answer was lost; it is asked for again, since that does no harm.
    case repeatingAbsent, repeatingLanded
    /// The answer was lost; it is being looked up.
    case doubtAbsent, doubtLanded
    /// Looking has not told, and a person is asked.
    case askingAbsent, askingLanded
    /// The service refused it as it is.
    case parked
    /// The service said yes; nothing has shown it yet.
    case sent
    case confirmed
    /// Taken back before anything left.
    case cancelled
    /// Taken back while its answer was lost, and it had landed.
    case cancelledLanded

    /// Whether the service has done it, unknown to the device or not.
    var hasLanded: Bool {
        switch self {
        case .answered, .repeatingLanded, .doubtLanded, .askingLanded, .sent, .confirmed, .cancelledLanded: true
        case .queued, .waiting, .underWay, .repeatingAbsent, .doubtAbsent, .askingAbsent, .parked, .cancelled: false
        }
    }
}

/// What happens to it then.
enum Deed: String, CaseIterable {
    /// The intent is discarded in the outbox.
    case cancel
    /// What it is about gets another text: its message is edited, its conversation renamed.
    case edit
    /// Its message is deleted, or its conversation.
    case delete
    /// The program is killed and starts again.
    case kill
    /// The user signs out: the engine stops, its requests are cut off, and what is unsent is discarded. An hour later the same user
    /// signs in again.
    case signOut
    /// The service refuses the credential from here on; an hour later there is a new one.
    case credentialLost
}

/// What can be seen of the thing an intent is about, by a person or at the service.
enum Sight: String {
    case asBefore, asWished, asChanged, removed
    /// No account, so no view.
    case nothing
}

/// What a view says of an intent: its state by name, with the reason where there is one, and what is on the screen.
struct Shown: Hashable {
    var state: String
    var sight: Sight
}

/// Whose request changed something at the service.
enum Effect: String {
    /// The intent's own.
    case wish
    /// That of the edit that came after it.
    case change
    /// That of the delete that came after it.
    case removal
    /// The engine's own, for a copy that landed though its intent was taken back.
    case undoing
}

/// One cell of the table: an intent of a verb, where it stands, what happens.
struct Circumstance: Hashable {
    var verb: Verb
    var standing: Standing
    var deed: Deed
}

/// What comes of it.
struct Outcome: Hashable {
    /// What the person is told instead, where it is not possible then.
    var refusal: String?
    /// What changed at the service, in order, from the intent's writing to the end.
    var effects: [Effect]
    /// What the service has of it at the end.
    var atService: Sight
    /// Right after the deed, and when all is quiet.
    var atOnce: Shown
    var atLast: Shown
}
