"""The list of exam sentences that are misread today."""

import tempfile
import unittest
from pathlib import Path

from nlu import misses
from nlu.scores import Answer
from nlu.yaml_files import DataError


def answer(text, said, *, right="a", lead=0.5):
    return Answer(text, (right,), "as_is", ((said, 0.9), ("x", 0.9 - lead)))


class Misses(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "known_misses.yaml"

    def test_what_is_written_is_what_is_misread(self):
        answers = [answer("một", "a"), answer("hai: ba", "b")]
        misses.write(self.path, answers)
        listed = misses.read(self.path)
        self.assertEqual({"hai: ba"}, listed)
        difference = misses.compare(listed, answers)
        self.assertEqual(([], []), (difference.mended, difference.fresh))

    def test_sentence_that_is_read_rightly_has_to_leave_the_list(self):
        self.assertEqual(["một"], misses.compare({"một"}, [answer("một", "a")]).mended)

    def test_new_miss_is_a_step_back(self):
        self.assertEqual([("một", "a", "b")], misses.compare(set(), [answer("một", "b")]).fresh)

    def test_sentence_between_two_equal_intents_is_judged_neither_way(self):
        tied = [answer("một", "b", lead=0.01)]
        self.assertEqual([], misses.compare(set(), tied).fresh)
        self.assertEqual([], misses.compare({"hai"}, [answer("hai", "a", lead=0.01)]).mended)

    def test_broken_list_is_reported_with_its_path(self):
        self.path.write_text("misses: một", encoding="utf-8")
        with self.assertRaisesRegex(DataError, "known_misses"):
            misses.read(self.path)


if __name__ == "__main__":
    unittest.main()
