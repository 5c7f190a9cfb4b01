"""Slips of the finger."""

import unittest

from nlu.noise import copies, noised, telex_keys
from nlu.spelling import Speller, decode_keys
from nlu.text import has_diacritics

KNOWN = Speller.learn(
    [["được", "người", "lương", "hưu", "thủ", "khoản", "khẩu", "chuyển", "vneid", "muốn"]] * 3
)


class Spelling(unittest.TestCase):
    def test_telex_keys_left_in_a_word_are_read(self):
        for typed, meant in [
            ("dduowcj", "được"),
            ("dduocwj", "được"),
            ("nguwowif", "người"),
            ("chuyeenr", "chuyển"),
        ]:
            with self.subTest(typed=typed):
                self.assertEqual(meant, decode_keys(typed) or typed)

    def test_vni_keys_left_in_a_word_are_read(self):
        self.assertEqual("người", decode_keys("nguoi72"))
        self.assertEqual("được", decode_keys("d9uoc75"))

    def test_what_telex_types_is_decoded_again(self):
        words = ("được", "lương", "hồ", "thủ", "chuyển", "khoản", "thuế", "quý", "giữ", "mật")
        for word in words:
            with self.subTest(word=word):
                self.assertEqual(word, decode_keys(telex_keys(word)))

    def test_english_words_and_app_names_are_no_telex(self):
        for word in ("vneid", "zalo", "app", "facebook", "passcode"):
            with self.subTest(word=word):
                self.assertEqual(word, KNOWN.repair(word))

    def test_one_slip_in_a_known_word_is_repaired(self):
        for typed, meant in [("chuyểnn", "chuyển"), ("khoảm", "khoản"), ("ngưòi", "người")]:
            with self.subTest(typed=typed):
                self.assertEqual(meant, KNOWN.repair(typed))

    def test_slip_in_a_word_without_marks_is_repaired_to_its_bare_form(self):
        self.assertEqual("khoan", KNOWN.repair("khoam"))

    def test_short_and_unknown_words_are_left_alone(self):
        for word in ("thú", "xyz", "nhà", "kilimanjaro", "12345a", ""):
            with self.subTest(word=word):
                self.assertEqual(word, KNOWN.repair(word))

    def test_known_words_are_never_changed(self):
        for word in KNOWN.counts:
            self.assertEqual(word, KNOWN.repair(word))

    def test_copies_are_the_same_on_every_run_and_differ_from_the_text(self):
        text = "tôi muốn chuyển lương hưu vào tài khoản ngân hàng"
        first = copies(text, seed=7, rate=0.3, noisy=3)
        self.assertEqual(first, copies(text, seed=7, rate=0.3, noisy=3))
        self.assertIn("toi muon chuyen luong huu vao tai khoan ngan hang", first)
        self.assertNotIn(text, first)
        self.assertNotEqual(noised(text, seed=1, rate=0.5), noised(text, seed=2, rate=0.5))

    def test_one_copy_at_least_has_no_diacritics(self):
        for text in ("tôi quên mật khẩu", "đổi số điện thoại ở đâu", "lương hưu chưa về"):
            for seed in range(20):
                made = copies(text, seed=seed, rate=0.1, noisy=1)
                self.assertTrue(any(not has_diacritics(copy) for copy in made), made)


if __name__ == "__main__":
    unittest.main()
