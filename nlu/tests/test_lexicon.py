"""Abbreviations, dialect and nicknames."""

import unittest

from nlu.lexicon import load_lexicon, read_syllables

LEXICON = load_lexicon()


def read(text: str) -> str:
    return " ".join(syllable.text for syllable in read_syllables(text, LEXICON))


class Lexicon(unittest.TestCase):
    def test_every_regional_negation_reads_as_khong(self):
        for word in ("nỏ", "khôông", "hổng", "hông", "hok", "ko", "k", "KHÔÔNG", "Nỏ"):
            with self.subTest(word=word):
                self.assertEqual("không được", read(f"{word} được"))

    def test_negation_without_its_mark_is_not_guessed(self):
        self.assertEqual("no", read("no"))

    def test_abbreviations_are_spelt_out(self):
        self.assertEqual("được bao nhiêu", read("dc nhiu"))
        self.assertEqual("số tài khoản bảo hiểm xã hội", read("stk bhxh"))

    def test_northern_central_words_read_as_common_ones(self):
        self.assertEqual("làm sao vậy", read("mần răng rứa"))

    def test_chi_stays_in_compounds_and_is_gi_elsewhere(self):
        self.assertEqual("chi trả", read("chi trả"))
        self.assertEqual("chi nhánh", read("chi nhánh"))
        self.assertEqual("mang giấy gì", read("mang giấy chi"))

    def test_all_spellings_of_the_app_name_read_alike(self):
        for name in (
            "VNeID",
            "vnied",
            "vne id",
            "v-nei-d",
            "vê nê ai đi",
            "ve ne ai di",
            "VNEIDDD",
        ):
            with self.subTest(name=name):
                self.assertEqual("mở vneid", read(f"mở {name}"))

    def test_ambiguous_mk_is_a_password_only_beside_fitting_words(self):
        self.assertEqual("quên mật khẩu", read("quên mk"))
        self.assertEqual("mk hỏi", read("mk hỏi"))

    def test_replacement_keeps_the_place_of_what_was_written(self):
        text = "mở vê nê ai đi ko"
        spans = [(s.text, text[s.start : s.end]) for s in read_syllables(text, LEXICON)]
        self.assertEqual([("mở", "mở"), ("vneid", "vê nê ai đi"), ("không", "ko")], spans)

    def test_emoji_alone_speaks_and_beside_words_is_silent(self):
        self.assertIn("cảm ơn", read("🙏"))
        self.assertEqual("mất thẻ", read("mất thẻ 🙏"))
        self.assertEqual("", read("🐢"))


if __name__ == "__main__":
    unittest.main()
