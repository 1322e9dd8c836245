extension InspectPage {
    /// What the page shows, and when it asks for it anew. Its place is in the address, behind `#`: `#me/c1/m5`.
    static let script = #"""
        'use strict';

        (() => {
          const {el} = parts;
          const find = (id) => document.getElementById(id);
          const firstLimit = 60;
          const mostEntries = 1000;

          const page = {
            account: null, conversation: null, message: null, around: null, limit: firstLimit,
            wanted: null, store: null, overview: null, timeline: null, stream: null, asked: {},
          };

          // MARK: Asking

          async function ask(path, values) {
            const query = new URLSearchParams();
            for (const [name, value] of Object.entries({account: page.account, ...values})) if (value) query.set(name, value);
            const answer = await fetch(`${path}?${query}`, {cache: 'no-store'});
            const body = await answer.json();
            if (!answer.ok) throw Object.assign(new Error(body.message), body);
            return body;
          }

          // One question of a kind at a time; what comes meanwhile is asked once more afterwards.
          async function once(kind, body) {
            const known = page.asked[kind];
            if (known) { known.again = true; return; }
            const turn = page.asked[kind] = {again: false};
            try {
              do {
                turn.again = false;
                await body();
              } while (turn.again);
            } catch (error) {
              page.around = null;
              say(kind, error.message || 'The program that serves this page has ended.');
            } finally {
              page.asked[kind] = null;
            }
          }

          // MARK: Notices

          const notices = new Map();

          function say(kind, text, command) {
            if (text) notices.set(kind, [text, command]); else notices.delete(kind);
            find('notices').replaceChildren(...[...notices.values()].map(([text, command]) =>
              el('div', {class: 'notice'}, el('p', null, text), command ? parts.command(command) : null)));
          }

          // MARK: The store

          const readStore = () => once('store', async () => {
            page.store = await ask('api/store');
            const accounts = page.store.accounts;
            if (!accounts.some((one) => one.name === page.account)) page.account = accounts.length ? accounts[0].name : null;
            showStore();
            say('store', null);
          });

          function showStore() {
            const {store} = page;
            const options = store.accounts.map((one) => {
              const needs = one.parked + one.asking;
              const words = needs ? `, ${needs} need you` : one.queued ? `, ${one.queued} unsent` : '';
              return el('option', {value: one.name}, `${one.label} (${one.service}${words})`);
            });
            if (store.more > 0) options.push(el('option', {disabled: true}, `${store.more} more: name one with --account`));
            const select = find('account');
            select.replaceChildren(...options);
            select.value = page.account || '';
            const one = store.accounts.find((account) => account.name === page.account);
            const copied = 'This store was copied or restored: it sends nothing until it is adopted.';
            say('adopt', store.isAdopted ? null : copied, store.adopt);
            say('stop', one && one.stopSentence ? `Nothing leaves. ${one.stopSentence}` : null);
            const who = !one || !one.holderIsKnown ? null
              : one.leaseHolder ? `synced by ${one.leaseHolder}` : 'nobody syncs it now';
            find('about').replaceChildren(...[
              store.path, one ? `${one.service}, ${one.place}` : 'no account yet', one && one.user ? `as ${one.user}` : null, who,
              one ? `last contact ${one.contactAt ? parts.full(one.contactAt) : 'never'}` : null, `times in ${parts.zone}`,
              `tidemark ${store.version}`,
            ].filter(Boolean).map((text) => el('span', null, text)));
          }

          // MARK: Conversations and the outbox

          const readOverview = () => once('overview', async () => {
            if (!page.account) return;
            page.overview = await ask('api/overview');
            showOverview();
            say('overview', null);
          });

          function showOverview() {
            const {overview} = page;
            if (!overview) return;
            const rows = overview.conversations.map((one) =>
              parts.conversation(one, one.id === page.conversation, () => go(one.id, null)));
            find('list').replaceChildren(el('h2', null, 'Conversations ', el('small', null,
              String(overview.conversations.length + overview.more))), ...rows,
              ...(rows.length ? [] : [el('p', {class: 'empty'}, 'No conversation is here yet.')]),
              ...(overview.more > 0 ? [el('p', {class: 'empty'}, `${overview.more} more are not shown here.`)] : []));
            find('outbox').replaceChildren(...parts.outbox(overview, (one) => go(one.conversation, one.message)).flat(2)
              .filter(Boolean));
            find('unsent-count').textContent = overview.unsent ? String(overview.unsent) : '';
            parts.tick(document);
          }

          // MARK: A conversation

          const readTimeline = (moves) => once('timeline', async () => {
            if (!page.conversation) return;
            const asked = page.conversation;
            const timeline = await ask('api/timeline', {conversation: asked, limit: String(page.limit), around: page.around});
            if (asked !== page.conversation) return;
            page.timeline = timeline;
            // A message that was asked for and is further up is gone to, once.
            const wanted = page.wanted;
            page.wanted = null;
            if (wanted && !timeline.entries.some((entry) => entry.id === wanted)) {
              page.around = wanted;
              page.timeline = await ask('api/timeline', {conversation: asked, limit: String(page.limit), around: wanted});
              moves = 'around';
            }
            showTimeline(moves);
            moves = null;
            say('timeline', null);
          });

          function showTimeline(moves) {
            const {timeline} = page;
            const box = find('talk');
            if (!timeline || !page.conversation) {
              box.replaceChildren(el('p', {class: 'empty large'}, 'Choose a conversation to see where its messages are.'));
              return;
            }
            const one = timeline.conversation;
            const old = box.querySelector('.messages');
            const isAtEnd = !old || old.scrollHeight - old.scrollTop - old.clientHeight < 60;
            const fromEnd = old ? old.scrollHeight - old.scrollTop : 0;
            const list = el('ol', {class: 'messages', tabindex: '0', 'aria-label': 'Messages'}, items(timeline));
            const people = timeline.people.length ? `with ${timeline.people.slice(0, 6).join(', ')}`
              + (timeline.peopleCount > 6 ? ` and ${timeline.peopleCount - 6} more` : '') : '';
            box.replaceChildren(
              el('div', {class: 'top'},
                el('h2', {dir: 'auto'}, one.topic, ' ', el('small', null, one.id)),
                people ? el('p', {class: 'people', dir: 'auto'}, people) : '',
                parts.band(timeline, jump), timeline.backfill ? parts.command(timeline.backfill, 'reads what is missing') : ''),
              list);
            if (moves === 'around') {
              const there = find(`at-${page.around}`);
              if (there) there.scrollIntoView({block: 'center'});
            } else if (moves === 'older') list.scrollTop = list.scrollHeight - fromEnd;
            else if (moves === 'end' || isAtEnd) list.scrollTop = list.scrollHeight;
            else if (old) list.scrollTop = old.scrollTop || list.scrollHeight - fromEnd;
          }

          function items(timeline) {
            const list = [];
            if (timeline.hasOlder) {
              list.push(page.limit < mostEntries
                ? el('li', {class: 'more'}, el('button', {type: 'button', on: {click: older}}, 'Show older ones'))
                : parts.rule('Older ones are here too; the command line shows them.'));
            } else if (timeline.beginningIsProved) list.push(parts.rule('The beginning'));
            let day = '';
            for (const entry of timeline.entries) {
              if (entry.gapBefore) list.push(parts.rule('Messages may be missing here', 'gap'));
              const next = parts.day(entry);
              if (next && next !== day) { list.push(parts.rule(next, 'day')); day = next; }
              list.push(parts.bubble(entry, entry.id === page.message, () => go(page.conversation, entry.id)));
            }
            if (!timeline.entries.length) {
              list.push(parts.rule(timeline.beginningIsProved ? 'Nothing is written here yet' : 'Nothing of it is here'));
            }
            if (timeline.hasNewer) {
              list.push(el('li', {class: 'more'}, el('button', {type: 'button', on: {click: newest}}, 'Back to the newest')));
            } else if (!timeline.endIsProved) list.push(parts.rule('Newer messages may be missing', 'gap'));
            if (timeline.conversation.deletedAt) list.push(parts.rule('This conversation is deleted'));
            return list;
          }

          function older() {
            page.limit = Math.min(mostEntries, page.limit + 140);
            readTimeline('older');
          }

          function newest() {
            page.around = null;
            page.limit = firstLimit;
            readTimeline('end');
          }

          function jump(message) {
            page.around = message;
            readTimeline('around');
          }

          // MARK: One message

          const readMessage = () => once('message', async () => {
            const box = find('message');
            box.hidden = !page.message;
            if (!page.message) return;
            const asked = page.message;
            const one = await ask('api/message', {message: asked});
            if (asked !== page.message) return;
            box.replaceChildren(...parts.message(one, () => go(page.conversation, null)).flat(2).filter(Boolean));
            parts.tick(document);
            say('message', null);
          });

          // MARK: Where the page is

          function go(conversation, message) {
            location.hash = [page.account, conversation, message].filter(Boolean).map(encodeURIComponent).join('/');
          }

          function view(name) {
            document.body.dataset.view = name;
            for (const button of document.querySelectorAll('nav button')) {
              button.setAttribute('aria-current', String(button.dataset.go === (name === 'message' ? 'talk' : name)));
            }
          }

          function arrive() {
            const [account, conversation, message] = location.hash.slice(1).split('/').map(decodeURIComponent);
            const isOther = (conversation || null) !== page.conversation || (account && account !== page.account);
            if (account) page.account = account;
            page.conversation = conversation || null;
            page.message = message || null;
            if (isOther) {
              page.around = null;
              page.limit = firstLimit;
              page.timeline = null;
              find('talk').replaceChildren();
            }
            for (const kind of ['timeline', 'message']) say(kind, null);
            find('message').hidden = !page.message;
            view(page.message ? 'message' : page.conversation ? 'talk' : 'list');
            if (page.store) showStore();
            showOverview();
            showTimeline();
            page.wanted = page.message;
            follow();
          }

          // MARK: Live

          function live(text, tone) {
            const box = find('live');
            box.textContent = text;
            box.className = `live ${tone}`;
          }

          // The first events come at once and fetch all that is shown.
          function follow() {
            if (page.stream) page.stream.close();
            page.stream = null;
            if (document.hidden || !page.account) return live(document.hidden ? 'paused' : 'no account yet', '');
            const query = new URLSearchParams();
            for (const name of ['account', 'conversation', 'message']) if (page[name]) query.set(name, page[name]);
            const stream = page.stream = new EventSource(`changes?${query}`);
            stream.onopen = () => { live('live', 'on'); readStore(); };
            stream.onerror = () => {
              live(stream.readyState === EventSource.CLOSED ? 'stopped' : 'not connected', 'off');
              for (const read of [readOverview, readTimeline, readMessage]) if (stream.readyState === EventSource.CLOSED) read();
            };
            stream.addEventListener('overview', () => { readOverview(); if (page.conversation) readTimeline(); });
            stream.addEventListener('timeline', () => readTimeline());
            stream.addEventListener('message', () => readMessage());
            stream.addEventListener('problem', () => { readOverview(); readTimeline(); readMessage(); });
          }

          // MARK: What people do

          find('account').addEventListener('change', (event) => {
            page.overview = null;
            page.account = event.target.value;
            go(null, null);
          });
          find('find').addEventListener('submit', async (event) => {
            event.preventDefault();
            const id = find('find-id').value.trim();
            if (!id) return;
            try {
              const place = await ask('api/find', {id});
              say('find', null);
              go(place.conversation, place.message);
              if (!place.message) view('talk');
            } catch (error) {
              say('find', [error.message, ...(error.candidates || [])].join('  '));
            }
          });
          for (const button of document.querySelectorAll('nav button')) {
            button.addEventListener('click', () => view(button.dataset.go));
          }
          addEventListener('hashchange', arrive);
          // A page that nobody sees follows nothing.
          document.addEventListener('visibilitychange', follow);
          setInterval(() => parts.tick(document), 1000);
          setInterval(() => { if (!document.hidden) readStore(); }, 15000);

          (async () => {
            page.account = decodeURIComponent(location.hash.slice(1).split('/')[0]) || null;
            await readStore();
            arrive();
          })();
        })();
        """#
}
