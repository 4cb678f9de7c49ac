"""The engines by name. An engine is a dotted path, imported on first use: only the process that samples loads torch."""

from importlib import import_module

from workers.engines.base import Engine, EngineError

ENGINES: dict[str, str] = {
    "openai": "workers.engines.openai_engine.OpenAIEngine",
    "replay": "workers.engines.replay.ReplayEngine",
    "tiny": "workers.engines.tiny.TinyEngine",
    "transformers": "workers.engines.transformers_engine.TransformersEngine",
}


def load_engine(name: str, location: str, *, chat_template: str = "") -> Engine:
    """The engine of that name, its model loaded; what a location is (a folder, an address) is the engine's to say.

    `chat_template` (Jinja) takes the place of the model's own. EngineError where there is no such engine or the model
    cannot be loaded.
    """
    if name not in ENGINES:
        raise EngineError(f"There is no engine called “{name}”; the known ones are: {', '.join(sorted(ENGINES))}.")
    module, _, attribute = ENGINES[name].rpartition(".")
    engine: Engine = getattr(import_module(module), attribute)(location, chat_template=chat_template)
    return engine
