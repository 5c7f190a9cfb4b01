"""A model trained and loaded by Rasa itself; takes about half a minute."""

import asyncio
import tempfile
import unicodedata
import unittest
from pathlib import Path

from nlu.build_data import read_examples
from nlu.environment import quiet_logging, set_environment
from nlu.evaluate import read_exam
from nlu.plain_pipeline import PlainPipeline
from nlu.tests.test_pipeline import CONTENT, any_texts
from nlu.train import train


class RasaModel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        set_environment()
        cls.model = train(CONTENT, Path(folder.name) / "models", Path(folder.name) / "work")
        quiet_logging()
        from rasa.core.agent import Agent

        from nlu.serve import _read_slash_as_text

        cls.agent = Agent.load(str(cls.model))
        _read_slash_as_text(cls.agent)

    def parse(self, text: str) -> dict:
        return asyncio.run(self.agent.parse_message(text))

    def test_answer_has_what_the_bot_reads(self):
        parsed = self.parse("quên mật khẩu rồi")
        self.assertEqual("quen_mat_khau", parsed["intent"]["name"])
        self.assertEqual("quên mật khẩu rồi", parsed["text"])
        self.assertEqual(parsed["intent"], parsed["intent_ranking"][0])
        self.assertEqual(6, len(parsed["intent_ranking"]))

    def test_rasa_and_the_plain_pipeline_rank_alike(self):
        examples = read_examples(CONTENT)
        rows = [(text, intent) for intent, found in examples.phrases.items() for text in found]
        plain = PlainPipeline([t for t, _ in rows], [i for _, i in rows])
        for text, _ in read_exam(CONTENT):
            parsed = self.parse(text)["intent_ranking"]
            expected = plain.rank([text])[0]
            self.assertEqual(expected[0][0], parsed[0]["name"])
            # Weights are kept with half precision in the model file.
            self.assertAlmostEqual(expected[0][1], parsed[0]["confidence"], delta=0.02)

    def test_text_stays_as_sent_and_tokens_point_into_it(self):
        text = unicodedata.normalize("NFD", "Bác quên MẬT KHẨU hoà")
        parsed = self.parse(text)
        self.assertEqual(text, parsed["text"])
        words = [unicodedata.normalize("NFC", text[a:b]) for a, b in parsed["text_tokens"]]
        self.assertEqual(["Bác", "quên", "MẬT", "KHẨU", "hoà"], words)

    def test_entities_are_found_by_rasa_and_made_canonical(self):
        found = {(e["entity"], e["value"]) for e in self.parse("may tao cua me toi")["entities"]}
        self.assertIn(("device", "iphone"), found)

    def test_no_input_raises(self):
        for text in any_texts(150):
            parsed = self.parse(text)
            self.assertTrue(0.0 <= parsed["intent"]["confidence"] <= 1.0)

    def test_leading_slash_does_not_choose_an_intent(self):
        parsed = self.parse("/lua_dao")
        self.assertLess(parsed["intent"]["confidence"], 1.0)
        self.assertEqual("/lua_dao", parsed["text"])
        self.assertEqual("quen_mat_khau", self.parse("/quên mật khẩu")["intent"]["name"])


if __name__ == "__main__":
    unittest.main()
