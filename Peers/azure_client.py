"""Microsoft's Python client, pointed at the simulator, with every exchange written down by operation."""

import collections
import json
import re
import urllib.parse

from azure.communication.chat import ChatClient, CommunicationTokenCredential
from azure.core.pipeline.policies import HeadersPolicy

from program import SPECS


class Operations:
    """The operations of the OpenAPI text, and the statuses that were seen of each."""

    def __init__(self):
        specification = json.loads((SPECS / "acs" / "chat-2024-03-07.json").read_text())
        self.documented = {}
        self.patterns = []
        for path, methods in specification["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\?\{[^}]*\\?\}", "[^/]+", path) + "$")
            for method, operation in methods.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    name = operation["operationId"]
                    self.documented[name] = {int(code) for code in operation["responses"] if code.isdigit()}
                    self.patterns.append((method.upper(), pattern, name))
        self.seen = collections.defaultdict(set)

    def note(self, method, url, status):
        path = urllib.parse.urlsplit(url).path
        for known, pattern, name in self.patterns:
            if known == method and pattern.match(path):
                self.seen[name].add(status)


class WatchingPolicy(HeadersPolicy):
    """Allows plain http, which the bearer policy refuses, and writes down what was answered."""

    def __init__(self, operations):
        super().__init__()
        self.operations = operations

    def on_request(self, request):
        super().on_request(request)
        request.context.options["enforce_https"] = False

    def on_response(self, request, response):
        self.operations.note(request.http_request.method, request.http_request.url, response.http_response.status_code)


class Person:
    """Somebody with a token, who uses the client."""

    def __init__(self, url, token, operations):
        self.policy = WatchingPolicy(operations)
        self.chat = ChatClient(url, CommunicationTokenCredential(token), headers_policy=self.policy)

    def thread(self, identifier):
        # Options of the chat client do not reach the clients that it makes.
        return self.chat.get_chat_thread_client(identifier, headers_policy=self.policy)
