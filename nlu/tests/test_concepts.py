"""Different words for one thing."""

import unittest

from nlu.concepts import concept_grams, find_concepts
from nlu.lexicon import load_lexicon, read_syllables

LEXICON = load_lexicon()


def concepts(text: str) -> list[str]:
    return find_concepts([s.text for s in read_syllables(text, LEXICON)])


class Concepts(unittest.TestCase):
    def test_names_of_one_thing_give_one_concept(self):
        for text in ("tiền hưu", "lương già", "sổ lương", "luong huu", "lương hiu", "tien huu"):
            with self.subTest(text=text):
                self.assertIn("luong_huu", concepts(text))

    def test_dialect_is_found_with_and_without_marks(self):
        for text in ("lĩnh thay", "lãnh thay", "lanh thay", "lãnh giùm", "lanh dum"):
            with self.subTest(text=text):
                self.assertIn("uy_quyen", concepts(text))

    def test_syllable_with_other_marks_is_another_word(self):
        self.assertIn("cong_dvc", concepts("vào cổng"))
        self.assertNotIn("cong_dvc", concepts("đi làm công"))
        self.assertNotIn("cong_dvc", concepts("di lam cong"))

    def test_shorter_phrase_inside_a_longer_one_counts_too(self):
        found = concepts("không nhận được tiền")
        self.assertIn("chua_co_tien", found)
        self.assertEqual(len(found), len(set(found)))

    def test_pairs_do_not_depend_on_the_order_of_words(self):
        one = concept_grams(["mat", "the", "luong", "huu"])
        other = concept_grams(["luong", "huu", "mat", "the"])
        self.assertEqual(set(one), set(other))

    def test_length_tells_a_bare_word_from_a_story(self):
        self.assertIn("len1", concept_grams(["luong"]))
        self.assertIn("long", concept_grams(["toi"] * 60))
        self.assertEqual([], concept_grams([]))


if __name__ == "__main__":
    unittest.main()
