"""Content folder → Rasa training files."""

import shutil
import tempfile
import unittest
from pathlib import Path

from nlu.build_data import read_examples, read_phrases, training_yaml
from nlu.yaml_files import DataError

CONTENT = Path(__file__).parent / "data" / "content"


class BuildData(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.content = Path(folder.name) / "content"
        shutil.copytree(CONTENT, self.content)
        self.phrases = self.content / "guides" / "khai_sinh" / "phrases.yaml"

    def test_broken_file_is_reported_with_its_path(self):
        for text in (
            "phrases:\n  - [một, hai",
            "phrases: một câu",
            "- một câu",
            "phrases:\n  - {khóa: giá trị}",
            "phrases:\n  - ''",
            "\tphrases:",
            "",
        ):
            with self.subTest(text=text):
                self.phrases.write_text(text, encoding="utf-8")
                with self.assertRaises(DataError) as caught:
                    read_examples(self.content)
                self.assertTrue(str(caught.exception).startswith(str(self.phrases)))

    def test_file_that_is_not_utf8_is_reported_with_its_path(self):
        self.phrases.write_bytes("phrases:\n  - mật khẩu\n".encode("utf-16"))
        with self.assertRaisesRegex(DataError, "khai_sinh"):
            read_examples(self.content)

    def test_folder_that_is_no_intent_is_reported_with_its_path(self):
        stray = self.content / "guides" / "khong_co" / "phrases.yaml"
        stray.parent.mkdir()
        stray.write_text("phrases:\n  - câu\n", encoding="utf-8")
        with self.assertRaisesRegex(DataError, "khong_co"):
            read_examples(self.content)

    def test_missing_list_of_intents_is_reported_with_its_path(self):
        (self.content / "intents.yaml").unlink()
        with self.assertRaisesRegex(DataError, r"intents\.yaml"):
            read_examples(self.content)

    def test_every_scalar_is_read_as_text(self):
        self.phrases.write_text("phrases:\n  - no\n  - 0243\n  - 13:30\n", encoding="utf-8")
        self.assertEqual(["no", "0243", "13:30"], read_phrases(self.phrases))

    def test_decomposed_text_is_composed_and_line_breaks_become_spaces(self):
        self.phrases.write_text(
            "phrases:\n  - >-\n    ma\u0302\u0323t\n    the\u0309\n", encoding="utf-8"
        )
        self.assertEqual(["mật thẻ"], read_phrases(self.phrases))

    def test_marks_of_rasa_become_parentheses(self):
        self.phrases.write_text(
            'phrases:\n  - "mã [SĐT](x) và {y}"\n  - "- gạch đầu dòng"\n', encoding="utf-8"
        )
        text = training_yaml(read_examples(self.content))
        self.assertIn("    - mã (SĐT)(x) và (y)\n    - - gạch đầu dòng\n", text)

    def test_order_is_that_of_the_intents_on_every_run(self):
        first, second = read_examples(self.content), read_examples(self.content)
        self.assertEqual(training_yaml(first), training_yaml(second))
        self.assertEqual(first.intents, list(first.phrases))


if __name__ == "__main__":
    unittest.main()
