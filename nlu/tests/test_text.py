"""Syllables, offsets and the many ways to type the same Vietnamese word."""

import unicodedata
import unittest

from nlu.text import (
    LONG_NUMBER,
    MAX_SYLLABLES,
    closing_start,
    is_vietnamese_syllable,
    split_syllables,
    strip_diacritics,
)

SENTENCE = "Cháu ơi, bác ở xóm Đồng quên MẬT KHẨU thuý hoà!"


def texts(text: str) -> list[str]:
    return [syllable.text for syllable in split_syllables(text)]


class Text(unittest.TestCase):
    def test_offsets_point_at_the_same_word_in_nfc_and_nfd(self):
        for form in ("NFC", "NFD"):
            with self.subTest(form=form):
                text = unicodedata.normalize(form, SENTENCE)
                found = split_syllables(text)
                spans = [unicodedata.normalize("NFC", text[s.start : s.end]) for s in found]
                self.assertEqual(
                    ["Cháu", "ơi", "bác", "ở", "xóm", "Đồng", "quên", "MẬT", "KHẨU", "thuý", "hoà"],
                    spans,
                )

    def test_nfc_and_nfd_give_the_same_syllables(self):
        nfd = unicodedata.normalize("NFD", SENTENCE)
        self.assertEqual(texts(SENTENCE), texts(nfd))

    def test_marks_typed_in_another_order_give_the_same_syllable(self):
        self.assertEqual(texts("mật"), texts("ma\u0323\u0302t"))
        self.assertEqual(texts("mật"), texts("ma\u0302\u0323t"))

    def test_old_tone_placement_reads_as_new(self):
        self.assertEqual(["hòa", "thúy", "ủy", "khỏe"], texts("hoà thuý uỷ khoẻ"))

    def test_tone_after_qu_and_before_a_final_consonant_stays(self):
        self.assertEqual(["quý", "hoàn", "toán", "quả"], texts("quý hoàn toán quả"))

    def test_drawn_out_letters_shrink_but_numbers_do_not(self):
        self.assertEqual(["mất", "rồi", "1000"], texts("mấtttttt rồiiii 1000"))

    def test_long_numbers_become_one_placeholder(self):
        self.assertEqual(["số", LONG_NUMBER], texts("số 123456789"))

    def test_invisible_characters_inside_a_word_do_not_split_it(self):
        text = "vn\u200beid\ufeff đây"
        found = split_syllables(text)
        self.assertEqual(["vneid", "đây"], [s.text for s in found])
        self.assertEqual("vn\u200beid", text[found[0].start : found[0].end])

    def test_null_and_control_characters_separate_words(self):
        self.assertEqual(["mất", "thẻ"], texts("mất\x00thẻ\x07\r\n"))

    def test_text_without_any_word_gives_no_syllables(self):
        for text in ("", "   ", "😀😀", "?!…", "\x00", "\u200b\u200d", "\ud800"):
            with self.subTest(text=text):
                self.assertEqual([], split_syllables(text))

    def test_first_and_last_words_of_a_very_long_text_are_read(self):
        found = texts("đầu " + "giữa " * 3000 + "cuối")
        self.assertEqual((MAX_SYLLABLES, "đầu", "cuối"), (len(found), found[0], found[-1]))

    def test_full_width_letters_read_as_plain_ones(self):
        self.assertEqual(["vneid"], texts("ＶＮｅＩＤ"))

    def test_stripping_removes_every_mark_and_the_bar_of_d(self):
        self.assertEqual("duoc Dong nuoc thuy", strip_diacritics("được Đồng nước thuỷ"))

    def test_form_of_vietnamese_syllables_is_recognised(self):
        for word in ("được", "nghiêng", "quý", "khuya", "ơi", "giấy"):
            self.assertTrue(is_vietnamese_syllable(word), word)
        for word in ("vneid", "app", "đuợcc", "zalo", "mùc"):
            self.assertFalse(is_vietnamese_syllable(word), word)

    def test_closing_sentence_begins_after_the_last_full_stop(self):
        for text, closing in (
            ("Tôi ở trọ đã lâu. Nay muốn đăng ký tạm trú", "nay muốn đăng ký tạm trú"),
            ("Lương chưa về? Hỏi ai bây giờ hả cháu", "hỏi ai bây giờ hả cháu"),
            ("Tạm trú thì đi đâu. Cảm ơn ạ.", "tạm trú thì đi đâu cảm ơn ạ"),
            ("vào vneid.gov.vn báo lỗi là sao", "vào vneid gov vn báo lỗi là sao"),
            ("một dòng\nhai ba bốn năm", "hai ba bốn năm"),
            ("", ""),
        ):
            with self.subTest(text=text):
                syllables = split_syllables(text)
                start = closing_start(text, syllables)
                self.assertEqual(closing, " ".join(s.text for s in syllables[start:]))

    def test_quick_reading_of_plain_text_is_the_same_as_the_thorough_one(self):
        # An invisible character at the end sends the text down the thorough way.
        for text in ("Hỏi: VNeID mức 2?", "Đi ĐÂU – “sao”…", "a\tb\nc 12345", "hoà quý"):
            self.assertEqual(split_syllables(text + "\u200b"), split_syllables(text))


if __name__ == "__main__":
    unittest.main()
