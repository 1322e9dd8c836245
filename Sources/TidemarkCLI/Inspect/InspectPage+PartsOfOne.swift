extension InspectPage {
    /// The rest of the parts: an intent, the outbox, one message and its journal.
    static let partsOfOne = #"""

          // MARK: An intent

          const actionWords = [
            ['--arrived', 'it arrived, as this one'], ['--not-sent', 'it did not arrive: send it'],
            ['--mine', 'my edit counts'], ['--theirs', 'the other edit counts'], ['retry', 'try it again'],
            ['skip', 'let the others pass'], ['discard', 'give it up'], ['outbox edit', 'change it'], ['sync', 'sync'],
          ];
          const note = (text) => (actionWords.find(([word]) => text.includes(word)) || [])[1];

          function intent(one, choose) {
            const needs = one.asks || one.state === 'parked';
            const words = one.state === 'parked' ? `parked: ${one.reason || ''}` : one.asks ? 'asks you' : {
              queued: 'queued', waiting: 'waiting', transmitting: 'sending', inDoubt: 'in doubt: looking', sent: 'accepted',
            }[one.state] || one.state;
            const tone = needs ? 'red' : one.state === 'inDoubt' ? 'amber' : 'violet';
            const facts = [
              one.attempts > 0 ? counted(one.attempts, 'attempt') : 'no attempt yet',
              one.parent ? `waits for ${one.parent}` : null,
              `written ${full(one.createdAt)}`,
            ].filter(Boolean).join(' · ');
            const head = el('span', {class: 'line'},
              el('span', null, el('code', null, one.intent), ' ', el('b', null, one.verbLabel),
                one.message ? ` ${one.message}` : ''),
              el('span', null, chip(words, tone), one.isSkipped ? chip('skipped', 'dim') : null));
            return el('li', {class: needs ? 'intent needs' : 'intent'},
              choose ? el('button', {type: 'button', class: 'head', on: {click: choose}}, head)
                : el('div', {class: 'head'}, head),
              choose || one.reason === 'conflict'
                ? one.quotes.map((quote) => el('p', {class: 'quote', dir: 'auto'}, quote)) : null,
              one.sentence ? el('p', {class: 'sentence'}, one.sentence) : null,
              one.words ? el('p', {class: 'words', dir: 'auto'}, `The service said: ${one.words}`) : null,
              el('p', {class: 'facts'}, facts, one.nextAttemptAt ? ' · ' : null, countdown(one.nextAttemptAt)),
              one.commands.map((each) => command(each.command, each.at ? `written ${full(each.at)}` : note(each.command))));
          }

          function outbox(overview, choose) {
            const lanes = overview.lanes.map((lane) => el('div', {class: 'lane'},
              el('h3', {dir: 'auto'}, lane.topic || lane.conversation, ' ', el('small', null, lane.conversation)),
              el('ol', null, lane.intents.map((one) => intent(one, () => choose(one))))));
            const shown = overview.lanes.reduce((sum, lane) => sum + lane.intents.length, 0);
            return [
              el('h2', null, 'Unsent ', el('small', null, String(overview.unsent))),
              overview.unsent === 0 ? el('p', {class: 'empty'}, 'Everything has left and was seen at the service.') : null,
              lanes,
              shown < overview.unsent ? el('p', {class: 'empty'}, `${overview.unsent - shown} more are not shown here.`) : null,
            ];
          }

          // MARK: One message

          function journal(lines) {
            let before = null;
            return el('ol', {class: 'journal'}, lines.map((line) => {
              const tone = bad.has(line.kind) ? 'red' : unsure.has(line.kind) ? 'amber' : good.has(line.kind) ? 'green' : '';
              const at = new Date(line.at);
              const later = before === null ? null : at - before;
              const isNewDay = before === null || new Date(before).toDateString() !== at.toDateString();
              before = at.getTime();
              const facts = [
                line.cause, line.attempt ? `attempt ${line.attempt}` : null,
                line.status ? `HTTP ${line.status}` : null, line.detail, line.intent,
              ].filter(Boolean).join(' · ');
              return el('li', {class: tone}, isNewDay ? el('span', {class: 'date'}, dayOnly.format(at)) : null,
                el('span', {class: 'line'}, el('b', null, journalWords[line.kind] || line.kind),
                  el('time', null, precise(line.at), later !== null && later >= 0 ? ` (+${span(later)})` : '')),
                facts ? el('span', {class: 'facts'}, facts) : null);
            }));
          }

          function fact(name, value) {
            if (value === null || value === undefined || value === '') return [];
            return [el('dt', null, name), el('dd', null, String(value))];
          }

          function message(one, close) {
            const entry = one.entry;
            const others = one.copies.length > 1 ? one.copies : [];
            const copies = others.map((copy) => fact('copy', `${copy.id} ${copy.remoteID || ''}`));
            return [
              el('div', {class: 'title'}, el('h2', null, 'Message ', el('code', null, entry.id)),
                el('button', {type: 'button', class: 'close', on: {click: close}, 'aria-label': 'Close'}, '×')),
              el('p', {class: `where ${one.tone}`}, one.where, one.next ? ' ' : null, countdown(one.next)),
              one.notes.map((text) => el('p', {class: 'where asking'}, text)),
              one.sync ? [el('p', {class: 'where moving'}, 'No process syncs this account now.'), command(one.sync)] : null,
              el('blockquote', {dir: 'auto'}, entry.lines.map((line) => el('span', {class: 'said'}, line || '\u00a0')),
                entry.files.map((file) => el('span', {class: 'file'}, file))),
              one.intents.length ? el('h3', null, 'Still to be done') : null,
              one.intents.length ? el('ol', null, one.intents.map((each) => intent(each))) : null,
              el('h3', null, 'What happened'),
              one.journal.length ? journal(one.journal)
                : el('p', {class: 'empty'}, 'It was read from the service; nothing else is noted of it.'),
              el('h3', null, 'Names and times'),
              el('dl', null, fact('from', entry.who), fact('sender', entry.sender), fact('remote id', entry.remoteID),
                fact('token', entry.token), fact('created', full(entry.createdAt)), fact('edited', full(entry.editedAt)),
                fact('deleted', full(entry.deletedAt)), fact('version', entry.version), copies,
                fact('read by', one.readBy.map((each) => each.who).join(', '))),
              command(one.explain), command(one.history),
            ];
          }

          return {
            el, chip, short, full, span, counted, zone, tick, command, conversation, bubble, rule, day, band, outbox, message,
          };
        })();
        """#
}
