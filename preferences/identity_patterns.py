"""How a model says who it is, in some twenty languages: the patterns of `preferences.identity`.

They are matched against text as `identity` reads it: no accents, one space between words, straight quotation marks,
hyphens for dashes. Those that end in ``\\Z`` are looked for left of a name, those for what follows are matched right of
it. Every repetition is bounded or over one class of characters.
"""

from __future__ import annotations

import re
from typing import cast

from django.utils.functional import SimpleLazyObject


def _pattern(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Compiled when it is first looked for: together they take longer than everything else of a process's start."""
    return cast("re.Pattern[str]", SimpleLazyObject(lambda: re.compile(text, flags)))


def _joined(lines: str) -> str:
    return "".join(line.strip() for line in lines.splitlines())


MODELS = r"""
    chat[ _-]?gpt(?:[ -]?\d[\w.]*)?|(?:insta|instruct)gpt|gpt[ -]?(?:neo|j|\d[\w.]*)(?:[ -](?:turbo|mini))?|gpt|
    claude(?:[ -](?:opus|sonnet|haiku|instant|ai|\d[\w.]*)){0,3}|
    gemini(?:[ -](?:pro|ultra|flash|nano|advanced|\d[\w.]*)){0,3}|(?-i:Bard)|lamda|palm[ -]?2|gemma(?:[ -]?\d\w*)?|
    (?:code[ -]?)?llama(?:[ -]?v?\d[\w.]*)?(?:[ -]chat)?|alpaca|vicuna|guanaco|koala-\d+b|wizardlm|
    mi[sx]tral(?! ai\b)(?:[ -](?:large|small|medium|nemo|\d\w*)){0,2}|le chat|zephyr-\w+|tulu[ -]?\d?|olmo[ -]?\d?|
    qwen[\w.-]*|tongyi(?: qianwen)?|qwq|deepseek(?:[ -](?:r\d|v\d|chat|coder)[\w.]*)?|grok(?:[ -]?\d\w*)?|
    (?-i:Copilot)|bing chat|phi-\d[\w.]*|dolly[ -]?v?2|stablelm|chatglm[\w.-]*|glm-\d[\w.]*|ernie(?: bot)?|
    hunyuan|doubao|kimi|minimax|baichuan[\w-]*|internlm[\w-]*|yi-\d+b|falcon-\d+b|bloomz?-\d+b|command[ -]r\+?|
    nemotron|granite-\d\w*|jurassic-\d|open ?assistant|gigachat|yandexgpt|hyperclova|exaone|solar-\d\w*|
    챗 ?gpt|チャットgpt|чат ?gpt|شات ?جي ?بي ?تي|चैट ?जीपीटी|
    通义千问|千问|通義千問|文心一言|豆包|混元|元宝|智谱清言|讯飞星火|百川大模型|书生"""
MAKERS = r"""
    open ?ai|anthropic|google(?: deep ?mind| ai)?|deep ?mind|meta(?: ai| platforms)?|facebook|microsoft|mistral ai|
    alibaba(?: cloud)?|aliyun|deepseek|baidu|tencent|bytedance|x\.?ai|cohere|ai21(?: labs)?|nvidia|amazon|apple|
    ibm|huawei|samsung|zhipu(?: ai)?|moonshot ai|stability ai|eleuther ?ai|hugging ?face|databricks|lmsys|
    together ai|inflection ai|allen institute for ai|ai2|nous research|upstage|naver|kakao|lg ai research|sber|yandex|
    深度求索|阿里云|阿里巴巴|阿里雲|通义实验室|百度|腾讯|字节跳动|智谱|月之暗面|百川智能|科大讯飞|华为|谷歌|
    微软|微軟|开放人工智能|구글|오픈ai|네이버|카카오|앤트로픽|グーグル|オープンai|яндекс\w*|гугл\w*|сбер\w*"""
# Latin letters beside a name make it another word; Han characters beside it do not.
NAME = _pattern(rf"(?<![A-Za-z0-9])(?:(?P<model>{_joined(MODELS)})|(?P<maker>{_joined(MAKERS)}))(?![A-Za-z])", re.I)

# What the speaker calls itself. After "AI" no word that makes it a person's field: "I am an AI researcher".
KIND = (
    r"(?:(?<![a-z])(?:ai(?! (?:research|engineer|expert|develop|scien|enthus|specialist|consult|student|models|systems|"
    r"tools|company|companies|ethic))|artificial intelligence|model(?!s|ling|ing|er)|llm|chat ?bot|bot|"
    r"(?:virtual |digital )?assistant(?! (?:prof|man|dir|coach|princ|edit|to |chef|teach|nurse|att))|"
    r"intelligence artificielle|ia|ki|"
    r"inteligencia artificial|intelligenza artificiale|as?sistente?|modele|modelo|modello|\w*modell|taalmodel|"
    r"yapay zeka|dil modeli|asistan|model bahasa|asisten|mo hinh|tro ly|asystent\w*)(?![a-z])|модел\w+|"
    r"ассистент\w*|помощник\w*|ии(?!\w)|人工智能|人工智慧|语言模型|語言模型|大模型|模型|助手|言語モデル|アシスタント|"
    r"언어 모델|인공지능|어시스턴트|نموذج|مساعد|ذكاء|मॉडल|सहायक)"
)
AM = r"(?<!\bif )(?<!whether )(?<!\w)(?:i am|i'm|i was|i have been|i've been|i,)"
ADVERB = r"(?: (?:actually|just|really|indeed|also|currently|simply|in fact|still|now|originally|called|named)){0,2}"
SELF = (
    rf"(?:{AM}|(?<!such )(?<!well )\bas(?= an? )|(?<!\w)(?:my (?:architecture|model|core|training)(?: is| was)|"
    r"je suis|j'ai ete|en tant qu\w*'?|soy|fui|he sido|como|(?:eu )?sou|fui|ich bin|ich wurde|als|(?:io )?sono|"
    r"sono stat[oa]|ik ben|jag ar|jeg er|jestem|zostal[ae]m|я|меня|ben|saya(?: adalah)?|toi(?: la| đuoc)?)(?!\w)|"
    r"我(?:是|由|被|的)|作为|作為|身为|私は|わたしは|僕は|(?<!\w)(?:저는|나는|[اأ]نا|मैं|मुझे))"
)
LOOSE = _pattern(rf"{SELF}.*?{KIND}", re.I)
# English text talks about models as well, so only adjectives may stand between "I am a" and "language model".
STRICT = _pattern(
    rf"(?:{AM}{ADVERB}|\bas) (?:an?|the|your|one)\b(?: (?!(?:of|who|that|which|to|in|at|with|about|for|and)\b)"
    rf"[\w'-]+){{0,5}}?,? {KIND}",
    re.I,
)
ENGLISH = _pattern(rf"{AM}|\bas an? |\bmy ", re.I)
DIRECT = _pattern(
    rf"(?:{AM}(?: \w+ly| also| just| one of| an?(?= ?\Z)|"
    r" an? (?:product|creation|version|instance|program|entity|system|variant))*|"
    rf"\bmy (?:architecture|model|core|training) (?:is|was)(?: \w+ly)?|(?:{SELF})(?<!i am)(?<!i'm)(?<!i was)(?<!been)"
    r"(?<!\bas)(?: \w+){0,2}|(?:我(?:是|由|被)|作为|作為|身为)(?:一|个|個|款|名|种|種|家|由|被|是|位)*)[ ,、]*\Z",
    re.I,
)
MADE = _pattern(
    r"(?<!\w)(?:(?:created|developed|trained|made|built|designed|powered|provided|fine-?tuned|released|produced|"
    r"engineered|owned|operated|programmed|launched|deployed)(?:,? (?:and|&) [\w-]+)? (?:by|at)(?: [\w'-]+){0,6}?|"
    r"(?:fine-?tuned|derived|distilled) from|(?:based|running|run|built) on(?: the| a)?|"
    r"(?:version|instance|variant|part|product|creation) of(?: the)?|"
    r"(?:called|named|known as|by the name of|genannt|namens|appelee?|nommee?|llamad[oa]|chamad[oa]|chiamat[oa])|"
    r"(?:developpe|cree|entraine|concu|forme|fabrique)\w* par(?: [\w'-]+){0,3}|"
    r"(?:desarrollad|cread|entrenad|disenad|desenvolvid|criad|treinad|feit)[oa] p(?:or|ela|elo)(?: [\w'-]+){0,2}|"
    r"(?:sviluppat|creat|addestrat|progettat)[oa] da\w*|"
    r"(?:entwickelt|trainiert|erstellt|erschaffen|gebaut|geschaffen)\w*(?: \w+)? von|von|"
    r"(?:ontwikkeld|gemaakt|getraind|gebouwd) door|(?:utve|skap|tran|lage|tren|udvi|skab)\w* av?|"
    r"(?:stworzon|opracowan|wytrenowan)\w+ przez|"
    r"(?:создан|создал|разработал|обучил|разработан|обучен|сделан)\w*(?: \w+){0,2}|"
    r"(?:dikembangkan|dibuat|dilatih) oleh|(?:phat trien|tao ra|huan luyen|đao tao) boi|"
    r"(?:ط?ط?طور|درب|انشأ|تطوير|تدريب|صنع)\S*(?: \S+){0,3})[ \"(]*\Z|(?:由|被|来自|來自|名叫|叫做|名为)[ \"]*\Z|"
    r"(?:开发者|開發者|创造者)(?:是|为)[ \"]*\Z",
    re.I,
)
MADE_AFTER = _pattern(
    r"[^.!?。\n]{0,12}?(?:(?:entwickel|trainier|erstell|geschaff|erschaff)\w+|开发|開發|研发|研發|训练|訓練|创建|打造|"
    r"推出|研制|旗下|(?:によって|が|に|の)(?:開発|作|訓練|トレーニング|学習|提供)|"
    r"(?:에서|에 의해|[가이의])[^.]{0,6}?(?:개발|만든|만들|훈련|"
    r"학습)|taraf[iı]ndan|(?:द्वारा|ने))",
    re.I,
)
FROM = _pattern(rf"{KIND},? (?:from|by|at|de|von|da|van|d') ?\Z", re.I)
LISTED = _pattern(rf"{KIND}(?:,|:|;| -| \()* ?(?:specifically |namely )?\"?\Z", re.I)
OF_KIND = _pattern(rf"(?:'s)?(?:[ -](?!and\b|or\b|but\b|to\b|for\b)[\w'-]+){{0,3}}?[ -]{KIND}", re.I)
OWNER = _pattern(
    r"(?:[اإ]نشائي|تطويري|تدريبي)(?: (?:بواسطة|من قبل|من|شركة))+ \Z|طورتني(?: شركة)? \Z|"
    r"(?<!\w)my (?:creator|developer|maker|trainer|parent company)s?(?:,| is| are| at| from| over at| -)* ?\"?\Z",
    re.I,
)
ME_AFTER = _pattern(
    r"(?:,? (?:the|a) [\w ]{2,30}? (?:that|which|who))?(?: has| have)? (?:created|trained|developed|built|designed|"
    r"programmed) me\b(?! (?!and|to|as|with|on|using|in|for)\w)|, my (?:creator|developer|maker)",
    re.I,
)
AGAINST = _pattern(r"\b(?:against|violat\w+|with|under|follow\w*|per|to|by|of) \Z", re.I)
POLICY = _pattern(r"(?:'s?)? (?:\w+[ -]){0,2}(?:policy|policies|guidelines)\b", re.I)

END = r"(?=\s*(?:[.,!?;:)\"*|。、]|\Z|\n|-|(?:and|et|und|y|e|en|и|och|og)\b|v?\d))"
SAYS = r"[ :,]*(?:-+ ?)?[\"(\[]*"
PLAIN_AFTER = r"(?!'s|-\w|的(?!一|ai|助手|模型|语言|人工))(?! (?:user|fan|plus|subs|expert|enth|research|engin|dev))"
ENDS = _pattern(END, re.I)

# What introduces a name, and what must follow where the words before it also begin other sentences.
INTRODUCTIONS = tuple(
    (_pattern(before + r"\Z", re.I), _pattern(after, re.I))
    for before, after in [
        (rf"{AM}{ADVERB}(?: [a-z]{{2,9}}'s| microsoft| google| meta)?"
         rf"(?P<article> (?:an?|the|your)(?: (?!(?:fan|user|of|in|on|at|to|for|and)\b)[\w-]+)?)?{SAYS}", PLAIN_AFTER),
        (rf"(?<!\w)(?:(?:my|the) (?:model )?name(?: is|'s){ADVERB}|it(?: is|'s) me){SAYS}", PLAIN_AFTER),
        (rf"(?<!\w)(?:(?:you|people|they|users) (?:can|may) call me|i go by|i am known as|"
         rf"you(?: are|'re) (?:speaking|talking|chatting) (?:to|with)){SAYS}", PLAIN_AFTER),
        (r"(?<!such )(?<!well )(?:\bspeaking )?\bas ", r",? (?:i|my)\b|,? i'"),
        (r"(?:\A|[\n.!?,]) ?(?:\w+, )?(?:this is )?", r" (?:here|speaking) ?(?:[.,!:;-]|\Z)"),
        (r"(?:\A|[\n。.,]) ?", r"と(?:申し|いい|言い)ます"),
        (rf"(?<!\w)(?:je suis|je m'appelle|mon nom est|(?:vous pouvez|tu peux) m'appeler|soy|me llamo|mi nombre es|"
         rf"puedes llamarme|(?:eu )?sou|chamo-me|me chamo|(?:o )?meu nome e|ich bin|ich heisse|ich heiße|mein name ist|"
         rf"(?:io )?sono|mi chiamo|il mio nome e|ik ben|ik heet|mijn naam is|jag ar|jag heter|jeg er|jeg h[ed]+er|"
         rf"jestem|nazywam sie|mam na imie|saya adalah|nama saya(?: adalah)?|toi la|toi ten la|ten toi la|меня зовут|"
         rf"мое имя|мене звати|adim|ad[iı]m)"
         rf"(?:(?P<article> (?:une?|una?|eine?|um|een|en|ett?))| (?:le|el|o|a|der|das|il))?{SAYS}",
         PLAIN_AFTER),
        (r"(?<!\w)(?:я|saya|अहं)[ ]?(?:-+ ?)?", END),
        (r"(?<!\w)ben,? ", rf"'?y[iı]m\b|{END}"),
        (r"(?:我是|我叫|我就是|我的名字(?:是|叫)|我名叫|我名為|(?:可以|能)叫我|我乃)[ \"]*", PLAIN_AFTER),
        (r"(?:私は|わたしは|僕は|私の名前は)[ \"、]*",
         r"[ \"]*(?:です|だ(?!け)|と申|と言|という|といい|と呼|で、|であ|,|。|\Z)"),
        (r"(?<!\w)(?:저는|나는|제 이름은|내 이름은)[ \"]*", r"[ \"]*(?:입니다|이에요|예요|이라|라고|이?야|,|\.|\Z)"),
        (r"(?<!\w)(?:[اأ]نا|[اإ]سمي|يمكنك مناداتي)[ \"]*", PLAIN_AFTER),
        (r"(?:मैं|मेरा नाम)[ \"]*", r"[ \"]*(?:हूँ|हूं|है|नाम|,|।|\Z)"),
    ]
)  # fmt: skip

# A name that nobody knows counts where it is said to be a machine's.
UNKNOWN = _pattern(
    r"(?<!\w)(?:(?i:i am(?: called)?|i'm(?: called)?|my name is|my name's|(?:you can )?call me|je suis|"
    r"je m'appelle|soy|me llamo|ich bin|ich heiße|mein name ist|sono|mi chiamo|sou|меня зовут))[ :]*\"?"
    r"(?!(?:An?|The|AI|Artificial|Your|Just|Only|Not|Sorry|Happy|Glad|Here|Un|Une|Ein|Eine|IA|KI|In|On|At)\b)"
    r"[A-ZÀ-ÞА-Я][\w.+-]{0,30}(?: [A-Z0-9][\w.+-]{0,30}){0,2}\"?(?:[,.!:;]| -|,? and)? ?"
    r"(?i:(?:i am|i'm|je suis|soy|ich bin|sono|sou|я) )?-?\s?"
    r"(?i:an?|the|your|une?|votre|una?|tu|eine?|ihre?|dein|uma?|seu|)(?: ?(?i:open|helpful|"
    r"friendly|personal|powerful|smart|intelligent|advanced|large|small|new|online|virtual|digital|ai|ai-powered|conversational|automated|language|"
    r"harmless|honest|polite|and|,)){0,4}[ -]?"
    rf"(?i:{KIND})"
)
UNKNOWN_HAN = _pattern(
    r"(?:我叫|我是|我的名字(?:是|叫))[^,。!?\s是的一]{1,12}, ?是?(?:一[个個款名位种]?|你的|您的)\w{0,6}?"
                          r"(?:人工智能|语言模型|語言模型|大模型|ai|智能助手|虚拟助手)", re.I)  # fmt: skip

TEMPLATE = _pattern(
    r"<\|[A-Za-z_\u2581]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<(?:bos|eos)>|</?think>|"
    r"\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS|SYSTEM_PROMPT)\]|### ?(?:Instruction|Response|Human|Assistant):"
)

# Words that may follow a model's name in its own name; any other capitalised word is a person's surname.
SURNAME = _pattern(r" (?!I\b|How\b|What\b|And\b|Nice\b)[A-ZÀ-Þ][a-zà-ÿ]+")
SOMEONE_ELSE = _pattern(r", (?:(?!I\b|My\b)[A-Z]\w+|it\b|they\b|the\b)")
STOP = _pattern(r"[.!?]\"? |[。\n]")
