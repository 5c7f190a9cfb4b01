"""The whole pipeline, without Rasa, on a small set of six intents."""

import random
import unittest
from pathlib import Path

from nlu.build_data import read_examples
from nlu.evaluate import read_exam
from nlu.features import Reading, TwinFeatures
from nlu.plain_pipeline import PlainPipeline
from nlu.text import split_syllables, strip_diacritics

CONTENT = Path(__file__).parent / "data" / "content"
_ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữự ",
    "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323aeiouy",
    "\u0000\u0007\t\n\r\u200b\u200c\u200d\u2060\ufeff\u00ad",
    "😀👍🏽🇻🇳👨‍👩‍👧❤️🙏",
    "0123456789.,:;?!/\\()[]{}<>'\"@#$%^&*_+-=~`|",
    "日本語한국어العربيةไทยꙮ𝐕𝐍𝐞𝐈𝐃ﬁŉǅİßΐ\ud800\udfff\uffff",
)


def any_texts(number: int) -> list[str]:
    """Texts of all sorts of characters, the same on every run."""
    rng = random.Random(20_261_122)
    made = ["", " ", "a" * 10_000, "toi " * 2_500, "\u0301" * 500, "😀" * 3_000, "/lua_dao"]
    for _ in range(number):
        alphabets = rng.sample(_ALPHABETS, rng.randint(1, len(_ALPHABETS)))
        made.append("".join(rng.choice(rng.choice(alphabets)) for _ in range(rng.randint(1, 80))))
    return made


class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        examples = read_examples(CONTENT)
        cls.rows = [(text, intent) for intent, found in examples.phrases.items() for text in found]
        cls.exam = read_exam(CONTENT)
        cls.pipeline = PlainPipeline([t for t, _ in cls.rows], [i for _, i in cls.rows])

    def first(self, texts):
        return [ranking[0][0] for ranking in self.pipeline.rank(texts)]

    def test_text_without_diacritics_gives_the_same_intent(self):
        texts = [text for text, _ in self.rows] + [text for text, _ in self.exam]
        as_written, bare = self.first(texts), self.first([strip_diacritics(t) for t in texts])
        same = sum(a == b for a, b in zip(as_written, bare, strict=True))
        self.assertGreaterEqual(same / len(texts), 0.95)

    def test_sentences_it_has_not_seen_are_read_rightly(self):
        said = self.first([text for text, _ in self.exam])
        right = sum(a in b for a, (_, b) in zip(said, self.exam, strict=True))
        self.assertGreaterEqual(right / len(self.exam), 0.85)

    def test_dialect_telex_and_abbreviations_reach_the_same_intent(self):
        said = self.first(
            ["nỏ nhớ mk mần răng", "tui queen maatj khaaur rồi", "wên pass òi", "QUÊN MẬT KHẨUUUU"]
        )
        self.assertEqual(["quen_mat_khau"] * 4, said)

    def test_text_unlike_every_example_gets_less_confidence_than_a_known_one(self):
        known, strange = self.pipeline.rank(["quên mật khẩu", "photosynthesis quantum blockchain"])
        self.assertLess(strange[0][1], known[0][1] / 2)

    def test_text_without_any_word_gets_no_confidence(self):
        for text in ("", "🐢", "…", "\x00"):
            with self.subTest(text=text):
                self.assertEqual(0.0, self.pipeline.rank([text])[0][0][1])

    def test_ranking_is_ordered_and_between_nought_and_one(self):
        for ranking in self.pipeline.rank([text for text, _ in self.exam]):
            numbers = [confidence for _, confidence in ranking]
            self.assertEqual(sorted(numbers, reverse=True), numbers)
            self.assertTrue(all(0.0 <= n <= 1.0 for n in numbers))

    def test_no_input_raises_and_offsets_stay_inside_the_text(self):
        texts = any_texts(1_500)
        self.assertEqual(len(texts), len(self.pipeline.rank(texts)))
        for text in texts:
            place = 0
            for syllable in split_syllables(text):
                self.assertTrue(place <= syllable.start < syllable.end <= len(text))
                self.assertTrue(syllable.text)
                place = syllable.end

    def test_training_twice_gives_the_same_numbers(self):
        again = PlainPipeline([t for t, _ in self.rows], [i for _, i in self.rows])
        texts = [text for text, _ in self.exam]
        self.assertEqual(self.pipeline.rank(texts), again.rank(texts))

    def test_bare_twin_is_the_same_with_and_without_diacritics(self):
        readings = [Reading(("mật", "khẩu")), Reading(("mat", "khau"))]
        twin = TwinFeatures.learn(readings, min_texts=1)
        rows = twin.transform(readings)[:, twin.bare_start :]
        self.assertEqual(0, (rows[0] != rows[1]).nnz)


if __name__ == "__main__":
    unittest.main()
