"""What the check of the training phrases reports."""

import unittest

from nlu.build_data import Examples
from nlu.phrases import NEEDED, NEEDED_OF_CORE, duplicates, near_pairs, shortages


def examples(**phrases):
    return Examples(list(phrases), {k: list(v) for k, v in phrases.items()}, [])


class Phrases(unittest.TestCase):
    def test_phrases_equal_but_for_marks_case_and_stops_are_reported(self):
        found = examples(a=["Quên mật khẩu!"], b=["quen mat khau"])
        self.assertEqual(["b and a: quen mat khau"], list(duplicates(found)))
        self.assertEqual([], list(duplicates(examples(a=["quên mật khẩu"], b=["quên mã"]))))

    def test_core_intents_need_more(self):
        some = [f"câu {n}" for n in range(NEEDED)]
        found = list(shortages(examples(a=some, b=some), {"a"}))
        self.assertEqual([f"a: {NEEDED} of {NEEDED_OF_CORE}"], found)

    def test_phrase_nearer_to_another_intent_is_reported_with_both_texts(self):
        found = near_pairs(
            examples(
                a=["tôi quên mật khẩu vneid rồi", "bác quên mật khẩu của vneid"],
                b=["tôi quên mật khẩu vneid rồi ạ", "lương hưu tháng này bao giờ có"],
            )
        )
        self.assertIn(("a", "b"), [(p.intent, p.other_intent) for p in found])
        self.assertNotIn("lương hưu tháng này bao giờ có", [p.text for p in found])


if __name__ == "__main__":
    unittest.main()
