extension InspectPage {
    /// How one thing looks: made of elements and text only, so that what others wrote is never read as anything but text.
    static let parts = #"""
        'use strict';

        const parts = (() => {
          const stateWords = {
            queued: 'not sent yet', waiting: 'waiting', transmitting: 'sending', inDoubt: 'in doubt', sent: 'accepted',
            confirmed: '', parked: 'parked', cancelled: 'taken back',
          };
          const journalWords = {
            accepted: 'Written down here', transmitting: 'Left this machine', failed: 'An attempt failed', inDoubt: 'In doubt',
            queued: 'Back in its queue', sent: 'Accepted by the service', confirmed: 'Done', parked: 'Parked',
            asks: 'Asks a person', cancelled: 'Taken back', coalesced: 'Folded into a later wish', skipped: 'Skipped',
            folded: 'A second copy was folded', recognised: 'Recognised as ours', reopened: 'Opened again',
            landed: 'Landed late', superseded: 'Overtaken', restored: 'Restored', resolved: 'Answered by a person',
            edited: 'Changed before it left', pruned: 'Forgotten here', repaired: 'Repaired',
          };
          const bad = new Set(['failed', 'parked', 'asks']);
          const unsure = new Set(['inDoubt', 'folded', 'reopened', 'skipped', 'cancelled']);
          const good = new Set(['sent', 'confirmed', 'recognised']);

          function el(tag, attributes, ...children) {
            const node = document.createElement(tag);
            for (const [name, value] of Object.entries(attributes || {})) {
              if (value === null || value === undefined || value === false) continue;
              if (name === 'on') for (const [event, body] of Object.entries(value)) node.addEventListener(event, body);
              else node.setAttribute(name, value === true ? '' : value);
            }
            node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
            return node;
          }

          const chip = (text, tone, title) => text ? el('span', {class: `chip ${tone || ''}`, title}, text) : null;

          // Times: today's as a clock, others with their day.
          const clock = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit'});
          const seconds = new Intl.DateTimeFormat('en-GB', {hour: '2-digit', minute: '2-digit', second: '2-digit'});
          const dayOnly = new Intl.DateTimeFormat('en-GB', {day: 'numeric', month: 'short', year: 'numeric'});
          const longDay = new Intl.DateTimeFormat('en-GB', {weekday: 'long', day: 'numeric', month: 'long', year: 'numeric'});
          const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'local time';

          function short(text) {
            if (!text) return '';
            const time = new Date(text);
            return time.toDateString() === new Date().toDateString() ? clock.format(time) : dayOnly.format(time);
          }
          function full(text) {
            if (!text) return '';
            const time = new Date(text);
            return `${dayOnly.format(time)}, ${seconds.format(time)}`;
          }
          function precise(text) {
            const time = new Date(text);
            return `${seconds.format(time)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
          }
          function span(milliseconds) {
            const value = Math.max(0, milliseconds);
            if (value < 1000) return `${Math.round(value)} ms`;
            if (value < 60e3) return `${(value / 1000).toFixed(value < 10e3 ? 1 : 0)} s`;
            if (value < 3600e3) return `${Math.round(value / 60e3)} min`;
            if (value < 172800e3) return `${Math.round(value / 3600e3)} h`;
            return `${Math.round(value / 86400e3)} days`;
          }
          const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

          // A time that is still to come is counted down; the page writes it anew each second.
          function countdown(at) {
            return at ? el('span', {class: 'countdown', 'data-at': at}, '') : null;
          }
          function tick(root) {
            for (const node of root.querySelectorAll('.countdown')) {
              const left = new Date(node.dataset.at) - Date.now();
              node.textContent = left > 0 ? `next try in ${span(left)}` : 'due now';
            }
          }

          function command(text, note) {
            const button = el('button', {type: 'button', class: 'copy', title: 'Copy this command'}, 'copy');
            button.addEventListener('click', async () => {
              try {
                await navigator.clipboard.writeText(text);
                button.textContent = 'copied';
              } catch {
                button.textContent = 'select it';
              }
              setTimeout(() => { button.textContent = 'copy'; }, 1500);
            });
            return el('div', {class: 'command'}, el('code', null, text), note ? el('small', null, note) : null, button);
          }

          // MARK: Conversations

          function conversation(one, isChosen, choose) {
            const marks = [
              one.problem && chip('needs you', 'red', one.problem), one.pending > 0 && chip(`${one.pending} unsent`, 'violet'),
              one.gaps > 0 && chip(counted(one.gaps, 'gap'), 'amber', 'History is not complete'),
              one.deletedAt && chip('deleted', 'dim'), one.membership === 'left' && chip('left', 'dim'),
            ].filter(Boolean);
            const unread = one.unread > 0 || one.unreadAtLeast
              ? el('span', {class: 'unread', title: 'unread'}, `${one.unread}${one.unreadAtLeast ? '+' : ''}`) : null;
            return el('button', {type: 'button', class: 'row', 'aria-current': isChosen ? 'true' : null, on: {click: choose}},
              el('span', {class: 'line'}, el('strong', {dir: 'auto'}, one.topic), el('time', null, short(one.lastMessageAt))),
              el('span', {class: 'line'}, el('span', {class: 'last', dir: 'auto'},
                one.last ? `${one.lastSender ? one.lastSender + ': ' : ''}${one.last}` : 'Nothing yet'), unread),
              el('span', {class: 'line foot'}, el('span', null, marks),
                el('small', null, one.asOf ? `as of ${short(one.asOf)}` : 'never read')));
          }

          // MARK: A message in its conversation

          function state(entry) {
            const chips = [];
            if (entry.editedAt && !entry.deletedAt) chips.push(chip('edited', 'dim', full(entry.editedAt)));
            const words = stateWords[entry.state];
            if (entry.state === 'parked') chips.push(chip(`parked: ${entry.reason || ''}`, 'red'));
            else if (words) chips.push(chip(words, entry.state === 'inDoubt' ? 'amber' : 'violet'));
            if (entry.reason && entry.state !== 'parked') chips.push(chip(`needs you: ${entry.reason}`, 'red'));
            return chips;
          }

          function bubble(entry, isChosen, choose, jump) {
            if (entry.isEvent) {
              return el('li', {class: 'event', id: `at-${entry.id}`},
                el('button', {type: 'button', on: {click: choose}, 'aria-current': isChosen ? 'true' : null},
                  entry.lines.join(' ') || entry.kind, ' ', el('time', null, clock.format(new Date(entry.createdAt || 0)))));
            }
            const unsent = ['queued', 'waiting', 'transmitting', 'inDoubt', 'parked'].includes(entry.state);
            const look = ['bubble', entry.isOwn || entry.who === 'You' ? 'own' : 'other', unsent ? 'unsent' : '',
              entry.state === 'inDoubt' ? 'doubt' : '', entry.reason ? 'stuck' : '', entry.deletedAt ? 'gone' : ''];
            const said = entry.lines.map((line) => el('span', {class: 'said', dir: 'auto'}, line || '\u00a0'));
            return el('li', {class: look.filter(Boolean).join(' '), id: `at-${entry.id}`},
              el('button', {type: 'button', on: {click: choose}, 'aria-current': isChosen ? 'true' : null},
                el('span', {class: 'who'}, el('b', {dir: 'auto'}, entry.who), ' ', el('code', null, entry.id), ' ',
                  el('time', {title: full(entry.createdAt)}, entry.createdAt ? clock.format(new Date(entry.createdAt)) : '')),
                entry.answers ? el('span', {class: 'answers'}, `answers ${entry.answers}`) : null,
                said, entry.files.map((file) => el('span', {class: 'file', dir: 'auto'}, file)),
                el('span', {class: 'chips'}, state(entry))));
          }

          const rule = (text, kind) => el('li', {class: `rule ${kind || ''}`}, el('span', null, text));

          function day(entry) {
            return entry.createdAt ? longDay.format(new Date(entry.createdAt)) : '';
          }

          // MARK: Coverage

          const gapWords = {
            beginning: 'Older history was not read', between: 'Messages may be missing here',
            end: 'Newer messages may be missing', unread: 'Nothing of this history was read yet',
            proved: 'Complete, and proved', local: 'Only in this store so far',
          };

          function weight(stretch) {
            if (!stretch.from || !stretch.to) return stretch.kind === 'proved' ? 3 : 1.4;
            const hours = (new Date(stretch.to) - new Date(stretch.from)) / 3600e3;
            return Math.min(12, 1.4 + Math.log2(1 + Math.max(0, hours)));
          }

          function band(timeline, jump) {
            const bar = el('div', {class: 'bar'});
            for (const stretch of timeline.band) {
              const times = [stretch.from, stretch.to].filter(Boolean).map(full).join(' to ');
              const label = gapWords[stretch.kind] + (times ? `: ${times}` : '');
              const edge = stretch.before || stretch.after;
              const piece = edge
                ? el('button', {type: 'button', class: `piece gap ${stretch.kind}`, title: label, 'aria-label': label,
                  on: {click: () => jump(edge)}})
                : el('span', {class: `piece ${stretch.kind}`, title: label, role: 'img', 'aria-label': label});
              piece.style.flexGrow = String(weight(stretch));
              bar.append(piece);
            }
            const pending = timeline.conversation.pending;
            if (pending > 0) {
              const label = `${pending} unsent, behind all that the service has`;
              bar.append(el('span', {class: 'piece tail', title: label, role: 'img', 'aria-label': label}));
            }
            const kinds = new Set(timeline.band.map((stretch) => stretch.kind));
            const legend = [
              kinds.has('proved') && el('span', {class: 'key proved'}, 'complete'),
              timeline.gapCount > 0 && el('span', {class: 'key gap'}, counted(timeline.gapCount, 'gap')),
              kinds.has('local') && el('span', {class: 'key local'}, 'only here'),
              pending > 0 && el('span', {class: 'key tail'}, `${pending} unsent`),
            ];
            const first = timeline.band.find((stretch) => stretch.from || stretch.to);
            const start = kinds.has('beginning') ? 'older history not read'
              : first && first.from ? `from ${dayOnly.format(new Date(first.from))}` : '';
            const end = timeline.asOf ? `as of ${full(timeline.asOf)}` : 'never read';
            return el('div', {class: 'band'}, el('div', {class: 'ends'}, el('span', null, start), el('span', null, end)), bar,
              el('div', {class: 'keys'}, legend));
          }
        """# + partsOfOne
}
