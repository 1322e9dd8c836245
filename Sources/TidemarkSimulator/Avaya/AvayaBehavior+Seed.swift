internal import TidemarkModel

extension AvayaBehavior {
    /// One reading of everything that is open, drawn from a seed.
    public init(seed: UInt64) {
        self.init()
        var generator = SeededGenerator(seed: seed ^ 0x4156_4159)
        drawTexts(&generator)
        drawListings(&generator)
        drawPages(&generator)
        drawAnswers(&generator)
        drawIdentities(&generator)
        drawSocket(&generator)
        // Last, so that what each seed drew before stays.
        queriesAfterNow = generator.chance(0.5)
    }

    private mutating func drawTexts(_ generator: inout SeededGenerator) {
        escapesQuotes = generator.chance(0.5)
        wrapsBodies = generator.chance(0.5)
        sanitises = generator.chance(0.5)
        keepsDescription = generator.chance(0.5)
        keepsPostedDescription = generator.chance(0.5)
        keepsCreated = generator.chance(0.5)
        maximumTextBytes = generator.chance(0.5) ? 32_768 : nil
    }

    private mutating func drawListings(_ generator: inout SeededGenerator) {
        feedIsAscending = generator.chance(0.5)
        afterIsInclusive = generator.chance(0.5)
        deletionMark = generator.one(of: DeletionMark.allCases, DeletionMark.status)
        deletedStatus = generator.chance(0.5) ? 2 : 1
        deletesBumpModified = generator.chance(0.5)
        editsBumpModified = generator.chance(0.75)
        commentsBumpParent = generator.chance(0.5)
        feedSkipsForeignSpaces = generator.chance(0.5)
        listLag = generator.chance(0.4) ? Int64(generator.pick(3000)) : 0
        listsRunOutOfOrder = generator.chance(0.6)
        guestHistory = generator.one(of: GuestHistory.allCases, GuestHistory.empty)
    }

    private mutating func drawPages(_ generator: inout SeededGenerator) {
        pagesByKeyset = generator.chance(0.5)
        afterIsNewestFirst = generator.chance(0.5)
        queriesAfterByDefault = generator.chance(0.5)
        queriesAllCategories = generator.chance(0.5)
        refTimeIsInclusive = generator.chance(0.5)
        refObjectIsInclusive = generator.chance(0.5)
        queriesShowDeleted = generator.chance(0.5)
        deletedCanBeRead = generator.chance(0.5)
        endOfPages = generator.one(of: EndOfPages.allCases, EndOfPages.absent)
        linksAreRelative = generator.chance(0.5)
        abbreviatesPrevious = generator.chance(0.5)
    }

    private mutating func drawAnswers(_ generator: inout SeededGenerator) {
        answersBareObjects = generator.chance(0.5)
        singleShape = generator.one(of: SingleShape.allCases, SingleShape.bare)
        sendStatus = generator.chance(0.5) ? 200 : 201
        editCheck = generator.one(of: EditCheck.allCases, EditCheck.modified)
        wrapsErrors = generator.chance(0.5)
        foreignEditStatus = generator.chance(0.5) ? 403 : 400
        unknownMessageStatus = generator.chance(0.5) ? 404 : 400
        oversizedStatus = generator.chance(0.5) ? 413 : 400
        visitingJoins = generator.chance(0.5)
        invitesJoinAtOnce = generator.chance(0.5)
        rateStatus = generator.chance(0.7) ? 429 : 503
        sendsRetryAfter = generator.chance(0.5)
    }

    private mutating func drawIdentities(_ generator: inout SeededGenerator) {
        guestsKeepTheirID = generator.chance(0.25)
        accessTokenSeconds = generator.chance(0.5) ? 3600 : 900
        accessTokensAreJWT = generator.chance(0.5)
        invalidGrantStatus = generator.chance(0.5) ? 400 : 401
        uploadSeconds = generator.chance(0.5) ? 900 : 60
        downloadSeconds = generator.chance(0.5) ? 900 : 60
    }

    private mutating func drawSocket(_ generator: inout SeededGenerator) {
        pingInterval = generator.chance(0.5) ? 25_000 : 10_000
        pingTimeout = generator.chance(0.5) ? 60_000 : 5_000
        answersAcks = generator.chance(0.5)
        announcesEdits = generator.chance(0.5)
        deletionEvent = generator.one(of: DeletionEvent.allCases, DeletionEvent.none)
        socketsOutliveTokens = generator.chance(0.5)
        duplicates = generator.chance(0.5) ? 0.2 : 0
        eventLag = generator.chance(0.3) ? Int64(generator.pick(1500)) : 0
        sendsWithoutSubscription = generator.chance(0.5)
        failureReturnsPayload = generator.chance(0.5)
        oversizedEvent = generator.one(of: OversizedEvent.allCases, OversizedEvent.failed)
        checksTokenAtHandshake = generator.chance(0.5)
        newestConnectionWins = generator.chance(0.5)
        presenceComesBack = generator.chance(0.5)
        confirmsWithComma = generator.chance(0.5)
        eventsPerMinute = generator.chance(0.5) ? 200 : 600
        repliesToChats = generator.chance(0.8)
    }
}

extension SeededGenerator {
    fileprivate mutating func one<Value>(of values: [Value], _ fallback: Value) -> Value {
        values.isEmpty ? fallback : values[pick(values.count)]
    }
}
