"""When the model is trained and when it is not."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from nlu.build_data import read_examples
from nlu.environment import PROJECT
from nlu.train import checksum

CONTENT = Path(__file__).parent / "data" / "content"


class Train(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.content = self.root / "content"
        shutil.copytree(CONTENT, self.content)
        self.models = self.root / "models"

    def run_train(self, *more):
        code = (
            "import sys; from nlu.train import main; "
            f"status = main({[*more]!r}); print('rasa' in sys.modules); sys.exit(status)"
        )
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def arguments(self):
        work = self.root / "work"
        return ("--content", str(self.content), "--out", str(self.models), "--work", str(work))

    def test_unchanged_content_is_not_trained_again_and_rasa_stays_unloaded(self):
        self.models.mkdir()
        name = f"{checksum(read_examples(self.content))}.tar.gz"
        (self.models / name).write_bytes(b"model")
        done = self.run_train(*self.arguments())
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("model is up to date", done.stdout)
        self.assertTrue(done.stdout.rstrip().endswith("False"), done.stdout)
        self.assertEqual(name, (self.models / "current").read_text().strip())
        self.assertEqual(b"model", (self.models / name).read_bytes())

    def test_any_changed_phrase_changes_the_checksum(self):
        before = checksum(read_examples(self.content))
        path = self.content / "guides" / "khai_sinh" / "phrases.yaml"
        path.write_text(path.read_text() + "  - một câu mới\n")
        self.assertNotEqual(before, checksum(read_examples(self.content)))

    def test_exam_and_guides_do_not_change_the_checksum(self):
        before = checksum(read_examples(self.content))
        (self.content / "guides" / "khai_sinh" / "expect.yaml").write_text("sentences: []\n")
        (self.content / "guides" / "khai_sinh" / "guide.md").write_text("# bài\n")
        self.assertEqual(before, checksum(read_examples(self.content)))

    def test_broken_content_ends_with_its_path_and_leaves_no_model(self):
        path = self.content / "guides" / "khai_sinh" / "phrases.yaml"
        path.write_text("phrases: [")
        done = self.run_train(*self.arguments())
        self.assertEqual(1, done.returncode)
        self.assertIn(str(path), done.stderr)
        self.assertFalse((self.models / "current").exists())


if __name__ == "__main__":
    unittest.main()
