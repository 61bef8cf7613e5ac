"""Stands in for a model on loopback: asks for one tool, then says a text.

Speaks as much of the Messages API's stream as Claude Code needs.
"""

import http.server
import json
import threading


class StandIn(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, tool, given):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tool, self.given = tool, given
        self.results = []  # what came back of the tool
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def do_POST(self):
        body = json.loads(self.rfile.read(
            int(self.headers.get("Content-Length") or 0)) or b"{}")
        if not self.path.startswith("/v1/messages") or "count" in self.path:
            self.reply(b'{"input_tokens":1}', "application/json")
            return
        last = body["messages"][-1]["content"]
        blocks = last if isinstance(last, list) else []
        done = [b for b in blocks if b.get("type") == "tool_result"]
        self.server.results += done
        tools = [t.get("name") for t in body.get("tools", [])]
        if done or self.server.tool not in tools:
            block, stop = {"type": "text", "text": ""}, "end_turn"
            delta = {"type": "text_delta", "text": "That was all."}
        else:
            block = {"type": "tool_use", "id": "toolu_01", "input": {},
                     "name": self.server.tool}
            stop = "tool_use"
            delta = {"type": "input_json_delta",
                     "partial_json": json.dumps(self.server.given)}
        self.events(body.get("model", "m"), block, delta, stop)

    def events(self, model, block, delta, stop):
        out = []

        def add(kind, **more):
            out.append(f"event: {kind}\ndata: "
                       f"{json.dumps({'type': kind, **more})}\n\n")

        add("message_start", message={
            "id": "msg_1", "type": "message", "role": "assistant",
            "model": model, "content": [], "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 1}})
        add("content_block_start", index=0, content_block=block)
        add("content_block_delta", index=0, delta=delta)
        add("content_block_stop", index=0)
        add("message_delta", usage={"output_tokens": 5},
            delta={"stop_reason": stop, "stop_sequence": None})
        add("message_stop")
        self.reply("".join(out).encode(), "text/event-stream")

    def reply(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
