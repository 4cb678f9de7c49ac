"""A dialogue as the tokens a model was trained to read, and its answer as text."""

from __future__ import annotations

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from workers.engines.base import EngineError, InvalidRequest, PromptTooLong, Request, cut_at


class Chat:
    def __init__(self, tokenizer: PreTrainedTokenizerBase, context: int, template: str) -> None:
        """`template` (Jinja), where given, takes the place of the tokenizer's own; EngineError where there is none."""
        self.tokenizer, self.context = tokenizer, context
        if template:
            tokenizer.chat_template = template
        if not tokenizer.chat_template:
            raise EngineError(
                "The model has no chat template, so that nobody knows how it reads a dialogue: give the variant one."
            )
        added = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
        self.marks = sorted({*tokenizer.all_special_tokens, *added}, key=len, reverse=True)
        self.mark_ids = {
            token for mark in self.marks if isinstance(token := tokenizer.convert_tokens_to_ids(mark), int)
        }

    def encode(self, request: Request) -> list[int]:
        """The dialogue through the chat template, as token ids, up to where the answer begins."""
        messages = [
            {"role": str(message["role"]), "content": self._defused(message["content"])} for message in request.messages
        ]
        try:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        except (TemplateError, TypeError, ValueError) as error:  # a template may refuse, for example a system message
            raise InvalidRequest(f"The model's chat template refuses this dialogue: {error}.") from error
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _defused(self, content: str) -> str:
        """The content with its "</s>" and "<|user|>" taken apart: what a person types never becomes a mark."""
        for mark in self.marks:
            content = content.replace(mark, f"{mark[0]} {mark[1:]}")
        return content

    def too_long(self, prompt: list[int], request: Request) -> PromptTooLong | None:
        params = request.params
        room = self.context - params.max_tokens
        if params.max_prompt_tokens is not None and params.max_prompt_tokens <= room:
            if len(prompt) <= params.max_prompt_tokens:
                return None
            return PromptTooLong(
                f"The dialogue has {len(prompt)} tokens, and at most {params.max_prompt_tokens} are allowed."
            )
        if len(prompt) <= room:
            return None
        return PromptTooLong(
            f"The dialogue has {len(prompt)} tokens; with {params.max_tokens} kept for the answer, "
            f"this model can read {max(room, 0)}."
        )

    def decode(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def answer(self, tokens: list[int], stops: tuple[str, ...]) -> str:
        """The text of an answer, up to the first of the texts to stop at."""
        text = cut_at(self.decode(tokens), stops)
        return text.replace("\x00", "\ufffd").strip()  # PostgreSQL stores no NUL
