"""The least a signed slash command takes: check the signature, read the form, answer.

python -m bench.bare_slash PORT
"""

import hashlib
import hmac
import sys
import time

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bench.running import SIGNING_SECRET

_OLDEST = 300


async def command(request: Request) -> Response:
    sent, body = request.headers["x-slack-request-timestamp"], await request.body()
    if abs(time.time() - int(sent)) > _OLDEST or not hmac.compare_digest(
        signature(sent, body), request.headers["x-slack-signature"]
    ):
        return PlainTextResponse("wrong signature", 401)
    form = await request.form()
    return JSONResponse({"response_type": "ephemeral", "text": f"You typed {form['text']}."})


def signature(timestamp: str, body: bytes) -> str:
    said = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(SIGNING_SECRET.encode(), said, hashlib.sha256).hexdigest()


app = Starlette(routes=[Route("/slack/events", command, methods=["POST"])])

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
