"""Entities as Rasa's lookup tables and synonyms."""

import tempfile
import unittest
from pathlib import Path

import yaml

from nlu.build_data import Examples, domain_yaml, training_yaml
from nlu.entities import read_entities, read_hamlets
from nlu.yaml_files import DataError

CONTENT = Path(__file__).parent / "data" / "content"


class Entities(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.content = Path(folder.name)
        (self.content / "offices").mkdir()
        self.office = self.content / "offices" / "xa.yaml"
        self.office.write_text("hamlets:\n  - {name: Thôn Đông, old_names: [xóm 1]}\n")

    def types(self):
        return {kind.name: kind for kind in read_entities(self.content)}

    def test_everything_that_changes_an_answer_has_a_type(self):
        wanted = {"device", "level", "bank", "allowance", "for_whom", "hamlet"}
        self.assertEqual(wanted, self.types().keys())

    def test_values_are_known_with_and_without_diacritics(self):
        forms = self.types()["device"].values["iphone"]
        self.assertIn("máy táo", forms)
        self.assertIn("may tao", forms)

    def test_no_word_stands_for_two_values_of_a_type(self):
        for kind in self.types().values():
            seen = {}
            for value, forms in kind.values.items():
                for form in forms:
                    self.assertEqual(value, seen.setdefault(form.lower(), value), form)

    def test_hamlets_come_from_the_offices_with_their_old_names(self):
        forms = self.types()["hamlet"].values["Thôn Đông"]
        self.assertEqual(("Thôn Đông", "xóm 1", "Thon Dong", "xom 1"), forms)

    def test_hamlet_without_a_name_is_reported_with_its_file(self):
        self.office.write_text("hamlets:\n  - {phone: '1'}\n")
        with self.assertRaisesRegex(DataError, r"xa\.yaml"):
            read_hamlets(self.content)

    def test_example_marks_a_value_of_its_own_type(self):
        for kind in self.types().values():
            self.assertRegex(kind.example, rf"\[[^\]]+\]\({kind.name}\)")

    def test_training_file_holds_tables_synonyms_and_the_marked_example(self):
        kinds = [k for k in read_entities(self.content) if k.name == "device"]
        examples = Examples(["lua_dao"], {"lua_dao": ["bị lừa"]}, kinds)
        text = training_yaml(examples)
        blocks = yaml.safe_load(text)["nlu"]
        self.assertIn("[iphone](device)", blocks[0]["examples"])
        self.assertIn({"lookup", "examples"}, [set(block) for block in blocks])
        synonyms = {b["synonym"]: b["examples"] for b in blocks if "synonym" in b}
        self.assertIn("- samsung", synonyms["android"])
        self.assertIn("device", yaml.safe_load(domain_yaml(examples))["entities"])


if __name__ == "__main__":
    unittest.main()
