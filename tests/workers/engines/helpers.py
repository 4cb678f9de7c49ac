from workers.engines.base import Completion, EngineError, Request, SamplingParams


def ask(
    text: str,
    *,
    temperature: float = 0.0,
    top_p: float = 1.0,
    max_tokens: int = 40,
    seed: int = 1,
    system: str = "",
    stop: tuple[str, ...] = (),
    max_prompt_tokens: int | None = None,
) -> Request:
    params = SamplingParams(
        temperature=temperature,
        top_p=top_p,
        max_tokens=max_tokens,
        seed=seed,
        stop=stop,
        max_prompt_tokens=max_prompt_tokens,
    )
    if system:
        return Request(({"role": "system", "content": system}, {"role": "user", "content": text}), params)
    return Request(({"role": "user", "content": text},), params)


def answered(result: Completion | EngineError) -> Completion:
    assert isinstance(result, Completion), result
    return result
