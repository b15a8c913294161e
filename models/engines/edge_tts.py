"""The voices of Microsoft Edge: text goes to Microsoft, MP3 comes back. Only with the user's leave."""

from __future__ import annotations

from collections.abc import Iterator

from claude_narrator.models.base import EngineContext, Loaded
from claude_narrator.models.engines.edge_service import EdgeService
from claude_narrator.models.engines.network_voices import check_allowed, chunk_of
from claude_narrator.models.errors import EngineFailed, EngineUnavailable
from claude_narrator.models.phrases import clean_text, cut_phrases
from claude_narrator.models.types import AudioChunk, Language

ENGINE = {
    "kind": "synthesizer",
    "summary": "The voices of Microsoft Edge, over the network",
    "licence": "a service of Microsoft's, under its terms; LGPL-3.0 (package edge-tts)",
    "voices": {
        "af-ZA": ["af-ZA-AdriNeural", "af-ZA-WillemNeural"],
        "sq-AL": ["sq-AL-AnilaNeural", "sq-AL-IlirNeural"],
        "am-ET": ["am-ET-MekdesNeural", "am-ET-AmehaNeural"],
        "ar-SA": ["ar-SA-ZariyahNeural", "ar-SA-HamedNeural"],
        "ar-EG": ["ar-EG-SalmaNeural", "ar-EG-ShakirNeural"],
        "ar-AE": ["ar-AE-FatimaNeural", "ar-AE-HamdanNeural"],
        "ar-BH": ["ar-BH-LailaNeural", "ar-BH-AliNeural"],
        "ar-DZ": ["ar-DZ-AminaNeural", "ar-DZ-IsmaelNeural"],
        "ar-IQ": ["ar-IQ-RanaNeural", "ar-IQ-BasselNeural"],
        "ar-JO": ["ar-JO-SanaNeural", "ar-JO-TaimNeural"],
        "ar-KW": ["ar-KW-NouraNeural", "ar-KW-FahedNeural"],
        "ar-LB": ["ar-LB-LaylaNeural", "ar-LB-RamiNeural"],
        "ar-LY": ["ar-LY-ImanNeural", "ar-LY-OmarNeural"],
        "ar-MA": ["ar-MA-MounaNeural", "ar-MA-JamalNeural"],
        "ar-OM": ["ar-OM-AyshaNeural", "ar-OM-AbdullahNeural"],
        "ar-QA": ["ar-QA-AmalNeural", "ar-QA-MoazNeural"],
        "ar-SY": ["ar-SY-AmanyNeural", "ar-SY-LaithNeural"],
        "ar-TN": ["ar-TN-ReemNeural", "ar-TN-HediNeural"],
        "ar-YE": ["ar-YE-MaryamNeural", "ar-YE-SalehNeural"],
        "az-AZ": ["az-AZ-BanuNeural", "az-AZ-BabekNeural"],
        "bn-BD": ["bn-BD-NabanitaNeural", "bn-BD-PradeepNeural"],
        "bn-IN": ["bn-IN-TanishaaNeural", "bn-IN-BashkarNeural"],
        "bs-BA": ["bs-BA-VesnaNeural", "bs-BA-GoranNeural"],
        "bg-BG": ["bg-BG-KalinaNeural", "bg-BG-BorislavNeural"],
        "my-MM": ["my-MM-NilarNeural", "my-MM-ThihaNeural"],
        "ca-ES": ["ca-ES-JoanaNeural", "ca-ES-EnricNeural"],
        "zh-CN": [
            "zh-CN-XiaoxiaoNeural",
            "zh-CN-YunxiNeural",
            "zh-CN-XiaoyiNeural",
            "zh-CN-YunjianNeural",
            "zh-CN-YunxiaNeural",
            "zh-CN-YunyangNeural",
        ],
        "zh-TW": ["zh-TW-HsiaoChenNeural", "zh-TW-YunJheNeural", "zh-TW-HsiaoYuNeural"],
        "zh-HK": ["zh-HK-HiuMaanNeural", "zh-HK-WanLungNeural", "zh-HK-HiuGaaiNeural"],
        "hr-HR": ["hr-HR-GabrijelaNeural", "hr-HR-SreckoNeural"],
        "cs-CZ": ["cs-CZ-VlastaNeural", "cs-CZ-AntoninNeural"],
        "da-DK": ["da-DK-ChristelNeural", "da-DK-JeppeNeural"],
        "nl-NL": ["nl-NL-ColetteNeural", "nl-NL-MaartenNeural", "nl-NL-FennaNeural"],
        "nl-BE": ["nl-BE-DenaNeural", "nl-BE-ArnaudNeural"],
        "en-US": [
            "en-US-EmmaMultilingualNeural",
            "en-US-AndrewMultilingualNeural",
            "en-US-AriaNeural",
            "en-US-GuyNeural",
            "en-US-JennyNeural",
            "en-US-ChristopherNeural",
        ],
        "en-GB": ["en-GB-SoniaNeural", "en-GB-RyanNeural", "en-GB-LibbyNeural", "en-GB-ThomasNeural"],
        "en-AU": ["en-AU-NatashaNeural"],
        "en-CA": ["en-CA-ClaraNeural", "en-CA-LiamNeural"],
        "en-HK": ["en-HK-YanNeural", "en-HK-SamNeural"],
        "en-IE": ["en-IE-EmilyNeural", "en-IE-ConnorNeural"],
        "en-IN": ["en-IN-NeerjaNeural", "en-IN-PrabhatNeural"],
        "en-KE": ["en-KE-AsiliaNeural", "en-KE-ChilembaNeural"],
        "en-NG": ["en-NG-EzinneNeural", "en-NG-AbeoNeural"],
        "en-NZ": ["en-NZ-MollyNeural", "en-NZ-MitchellNeural"],
        "en-PH": ["en-PH-RosaNeural", "en-PH-JamesNeural"],
        "en-SG": ["en-SG-LunaNeural", "en-SG-WayneNeural"],
        "en-TZ": ["en-TZ-ImaniNeural", "en-TZ-ElimuNeural"],
        "en-ZA": ["en-ZA-LeahNeural", "en-ZA-LukeNeural"],
        "et-EE": ["et-EE-AnuNeural", "et-EE-KertNeural"],
        "fil-PH": ["fil-PH-BlessicaNeural", "fil-PH-AngeloNeural"],
        "fi-FI": ["fi-FI-NooraNeural", "fi-FI-HarriNeural"],
        "fr-FR": ["fr-FR-DeniseNeural", "fr-FR-HenriNeural", "fr-FR-EloiseNeural"],
        "fr-CA": ["fr-CA-SylvieNeural", "fr-CA-AntoineNeural", "fr-CA-JeanNeural"],
        "fr-BE": ["fr-BE-CharlineNeural", "fr-BE-GerardNeural"],
        "fr-CH": ["fr-CH-ArianeNeural", "fr-CH-FabriceNeural"],
        "gl-ES": ["gl-ES-SabelaNeural", "gl-ES-RoiNeural"],
        "ka-GE": ["ka-GE-EkaNeural", "ka-GE-GiorgiNeural"],
        "de-DE": ["de-DE-KatjaNeural", "de-DE-ConradNeural", "de-DE-AmalaNeural", "de-DE-KillianNeural"],
        "de-AT": ["de-AT-IngridNeural", "de-AT-JonasNeural"],
        "de-CH": ["de-CH-LeniNeural", "de-CH-JanNeural"],
        "el-GR": ["el-GR-AthinaNeural", "el-GR-NestorasNeural"],
        "gu-IN": ["gu-IN-DhwaniNeural", "gu-IN-NiranjanNeural"],
        "he-IL": ["he-IL-HilaNeural", "he-IL-AvriNeural"],
        "hi-IN": ["hi-IN-SwaraNeural", "hi-IN-MadhurNeural"],
        "hu-HU": ["hu-HU-NoemiNeural", "hu-HU-TamasNeural"],
        "is-IS": ["is-IS-GudrunNeural", "is-IS-GunnarNeural"],
        "id-ID": ["id-ID-GadisNeural", "id-ID-ArdiNeural"],
        "ga-IE": ["ga-IE-OrlaNeural", "ga-IE-ColmNeural"],
        "it-IT": ["it-IT-ElsaNeural", "it-IT-DiegoNeural", "it-IT-IsabellaNeural"],
        "ja-JP": ["ja-JP-NanamiNeural", "ja-JP-KeitaNeural"],
        "jv-ID": ["jv-ID-SitiNeural", "jv-ID-DimasNeural"],
        "kn-IN": ["kn-IN-SapnaNeural", "kn-IN-GaganNeural"],
        "kk-KZ": ["kk-KZ-AigulNeural", "kk-KZ-DauletNeural"],
        "km-KH": ["km-KH-SreymomNeural", "km-KH-PisethNeural"],
        "ko-KR": ["ko-KR-SunHiNeural", "ko-KR-InJoonNeural"],
        "lo-LA": ["lo-LA-KeomanyNeural", "lo-LA-ChanthavongNeural"],
        "lv-LV": ["lv-LV-EveritaNeural", "lv-LV-NilsNeural"],
        "lt-LT": ["lt-LT-OnaNeural", "lt-LT-LeonasNeural"],
        "mk-MK": ["mk-MK-MarijaNeural", "mk-MK-AleksandarNeural"],
        "ms-MY": ["ms-MY-YasminNeural", "ms-MY-OsmanNeural"],
        "ml-IN": ["ml-IN-SobhanaNeural", "ml-IN-MidhunNeural"],
        "mt-MT": ["mt-MT-GraceNeural", "mt-MT-JosephNeural"],
        "mr-IN": ["mr-IN-AarohiNeural", "mr-IN-ManoharNeural"],
        "mn-MN": ["mn-MN-YesuiNeural", "mn-MN-BataaNeural"],
        "ne-NP": ["ne-NP-HemkalaNeural", "ne-NP-SagarNeural"],
        "nb-NO": ["nb-NO-PernilleNeural", "nb-NO-FinnNeural"],
        "ps-AF": ["ps-AF-LatifaNeural", "ps-AF-GulNawazNeural"],
        "fa-IR": ["fa-IR-DilaraNeural", "fa-IR-FaridNeural"],
        "pl-PL": ["pl-PL-ZofiaNeural", "pl-PL-MarekNeural"],
        "pt-BR": ["pt-BR-FranciscaNeural", "pt-BR-AntonioNeural"],
        "pt-PT": ["pt-PT-RaquelNeural", "pt-PT-DuarteNeural"],
        "ro-RO": ["ro-RO-AlinaNeural", "ro-RO-EmilNeural"],
        "ru-RU": ["ru-RU-SvetlanaNeural", "ru-RU-DmitryNeural"],
        "sr-RS": ["sr-RS-SophieNeural", "sr-RS-NicholasNeural"],
        "si-LK": ["si-LK-ThiliniNeural", "si-LK-SameeraNeural"],
        "sk-SK": ["sk-SK-ViktoriaNeural", "sk-SK-LukasNeural"],
        "sl-SI": ["sl-SI-PetraNeural", "sl-SI-RokNeural"],
        "so-SO": ["so-SO-UbaxNeural", "so-SO-MuuseNeural"],
        "es-ES": ["es-ES-ElviraNeural", "es-ES-AlvaroNeural"],
        "es-MX": ["es-MX-DaliaNeural", "es-MX-JorgeNeural"],
        "es-US": ["es-US-PalomaNeural", "es-US-AlonsoNeural"],
        "es-AR": ["es-AR-ElenaNeural", "es-AR-TomasNeural"],
        "es-BO": ["es-BO-SofiaNeural", "es-BO-MarceloNeural"],
        "es-CL": ["es-CL-CatalinaNeural", "es-CL-LorenzoNeural"],
        "es-CO": ["es-CO-SalomeNeural", "es-CO-GonzaloNeural"],
        "es-CR": ["es-CR-MariaNeural", "es-CR-JuanNeural"],
        "es-CU": ["es-CU-BelkysNeural", "es-CU-ManuelNeural"],
        "es-DO": ["es-DO-RamonaNeural", "es-DO-EmilioNeural"],
        "es-EC": ["es-EC-AndreaNeural", "es-EC-LuisNeural"],
        "es-GQ": ["es-GQ-TeresaNeural", "es-GQ-JavierNeural"],
        "es-GT": ["es-GT-MartaNeural", "es-GT-AndresNeural"],
        "es-HN": ["es-HN-KarlaNeural", "es-HN-CarlosNeural"],
        "es-NI": ["es-NI-YolandaNeural", "es-NI-FedericoNeural"],
        "es-PA": ["es-PA-MargaritaNeural", "es-PA-RobertoNeural"],
        "es-PE": ["es-PE-CamilaNeural", "es-PE-AlexNeural"],
        "es-PR": ["es-PR-KarinaNeural", "es-PR-VictorNeural"],
        "es-PY": ["es-PY-TaniaNeural", "es-PY-MarioNeural"],
        "es-SV": ["es-SV-LorenaNeural", "es-SV-RodrigoNeural"],
        "es-UY": ["es-UY-ValentinaNeural", "es-UY-MateoNeural"],
        "es-VE": ["es-VE-PaolaNeural", "es-VE-SebastianNeural"],
        "su-ID": ["su-ID-TutiNeural", "su-ID-JajangNeural"],
        "sw-KE": ["sw-KE-ZuriNeural", "sw-KE-RafikiNeural"],
        "sw-TZ": ["sw-TZ-RehemaNeural", "sw-TZ-DaudiNeural"],
        "sv-SE": ["sv-SE-SofieNeural", "sv-SE-MattiasNeural"],
        "ta-IN": ["ta-IN-PallaviNeural", "ta-IN-ValluvarNeural"],
        "ta-LK": ["ta-LK-SaranyaNeural", "ta-LK-KumarNeural"],
        "ta-MY": ["ta-MY-KaniNeural", "ta-MY-SuryaNeural"],
        "ta-SG": ["ta-SG-VenbaNeural", "ta-SG-AnbuNeural"],
        "te-IN": ["te-IN-ShrutiNeural", "te-IN-MohanNeural"],
        "th-TH": ["th-TH-PremwadeeNeural", "th-TH-NiwatNeural"],
        "tr-TR": ["tr-TR-EmelNeural", "tr-TR-AhmetNeural"],
        "uk-UA": ["uk-UA-PolinaNeural", "uk-UA-OstapNeural"],
        "ur-PK": ["ur-PK-UzmaNeural", "ur-PK-AsadNeural"],
        "ur-IN": ["ur-IN-GulNeural", "ur-IN-SalmanNeural"],
        "uz-UZ": ["uz-UZ-MadinaNeural", "uz-UZ-SardorNeural"],
        "vi-VN": ["vi-VN-HoaiMyNeural", "vi-VN-NamMinhNeural"],
        "cy-GB": ["cy-GB-NiaNeural", "cy-GB-AledNeural"],
        "zu-ZA": ["zu-ZA-ThandoNeural", "zu-ZA-ThembaNeural"],
    },
    "modules": ["edge_tts", "miniaudio"],
    "extra": "edge_tts",
    "network": True,
    "options": {
        "allow": {
            "comment": "yes lets what is spoken with it be sent to Microsoft, secrets removed.",
            "example": "yes",
        },
        "url": {
            "comment": "A websocket address that stands in for Microsoft's; empty for the service itself.",
            "default": "",
        },
    },
}
_FIRST_CHARACTERS, _PIECE_CHARACTERS = 60, 200
_SLOWEST, _FASTEST = 0.5, 2.0
"""What the service speaks by itself."""


class EdgeTTS:
    """A `Synthesizer`. Rates above 2 are reached by changing the tempo of what comes."""

    def __init__(self) -> None:
        self._service: EdgeService | None = None

    def load(self, context: EngineContext) -> Loaded:
        """Have a word spoken unheard.

        :raises EngineUnavailable: not allowed, a wrong setting, no package, or the service does not answer.
        """
        check_allowed("edge_tts", context.options)
        service = EdgeService(context.options.get("url", ""))
        try:
            for _ in _say(service, "OK.", "en-US-EmmaMultilingualNeural", 1.0):
                pass
        except (EngineFailed, EngineUnavailable) as error:
            service.close()
            raise EngineUnavailable(error.problem, error.hint) from None
        self._service = service
        return Loaded(service.host, "mp3")

    def synthesize(self, text: str, voice: str, language: Language, rate: float) -> Iterator[AudioChunk]:
        """Yield one chunk a piece of `text`; empty chunks are signs of life.

        :raises EngineFailed: not loaded, or what came is no sound.
        :raises EngineUnavailable: the service cannot be reached or keeps us out.
        """
        if self._service is None:
            raise EngineFailed("edge_tts is not loaded")
        return _pieces(self._service, text, voice, rate)

    def close(self) -> None:
        """End the connection's thread."""
        if self._service is not None:
            self._service.close()
        self._service = None


def _pieces(service: EdgeService, text: str, voice: str, rate: float) -> Iterator[AudioChunk]:
    for piece in cut_phrases(clean_text(text), _FIRST_CHARACTERS, _PIECE_CHARACTERS):
        if any(map(str.isalnum, piece)):
            yield from _say(service, piece, voice, rate)


def _say(service: EdgeService, piece: str, voice: str, rate: float) -> Iterator[AudioChunk]:
    own = min(max(rate, _SLOWEST), _FASTEST)
    mp3 = yield from service.ask(piece, voice, round((own - 1) * 100))
    chunk = chunk_of(service.host, mp3, piece, rate / own, rate)
    if len(chunk.samples):
        yield chunk
