"""What an approver asks back, and what the requester says to it."""

from dataclasses import replace
from datetime import datetime

from bot.names import tidy
from bot.refusal import Refusal
from bot.requests import Question, Request

LONGEST = 700
_MOST = 20
_KEPT = 2_000


def read_question(text: str) -> str:
    """On one line. Raises Refusal."""
    question = tidy(text)
    if not question:
        raise Refusal("Write what you want to know.", field="question")
    if len(question) > LONGEST:
        raise Refusal(f"At most {LONGEST} characters.", field="question")
    return question


def with_question(request: Request, question: Question) -> Request:
    """Raises Refusal where more was asked than a card can hold."""
    if len(request.questions) >= _MOST:
        raise Refusal(
            f"{_MOST} questions were asked already: answer the request now.", field="question"
        )
    return replace(request, questions=(*request.questions, question))


def with_reply(request: Request, text: str, now: datetime) -> Request | None:
    """What the requester wrote belongs to the first question without a reply, else to the last
    one; None where there is nothing to keep.
    """
    words = tidy(text)
    if not words or not request.questions:
        return None
    at = next((n for n, one in enumerate(request.questions) if not one.answer), None)
    number = len(request.questions) - 1 if at is None else at
    one = request.questions[number]
    answer = f"{one.answer} {words}".strip()[:_KEPT]
    answered = replace(one, answer=answer, answered_at=now)
    return replace(
        request,
        questions=(*request.questions[:number], answered, *request.questions[number + 1 :]),
    )
