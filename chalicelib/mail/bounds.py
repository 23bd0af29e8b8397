"""Every limit that keeps a hostile mail cheap, in one table.

A mail that goes past a bound is still read: what lies beyond is left as it is (an attachment, an undecoded word, the
raw mail in its store) and the result names the bound in `defects`. The numbers are far above what people send: the
largest honest mails seen have some hundred parts, a depth of ten, headers of 100 KB and texts of 1 MB.
"""

from typing import Final

# name, limit                                defect when passed: what is limited
MAX_DEPTH: Final = 30  #                     nested_too_deeply: multiparts and messages inside each other
MAX_PARTS: Final = 1_000  #                  too_many_parts: parts of one mail, those of attached mails included
MAX_HEADER_BYTES: Final = 1 << 20  #         header_too_large: bytes of one header block
MAX_HEADER_FIELDS: Final = 2_000  #          header_too_large: fields of one header block
MAX_FIELD_BYTES: Final = 128 << 10  #        header_too_large: bytes of one field's value
MAX_LINE_BYTES: Final = 998  #               header_line_too_long: RFC 5322 §2.1.1; named, not cut
MAX_ENCODED_WORDS: Final = 5_000  #          too_many_encoded_words: RFC 2047 words of one field
MAX_PARAMETERS: Final = 500  #               (ignored beyond): parameters of one field, RFC 2231 pieces included
MAX_BOUNDARY_BYTES: Final = 200  #           (cut): RFC 2046 allows 70
MAX_ADDRESSES: Final = 2_000  #              too_many_addresses: mailboxes of one field
MAX_IDS: Final = 200  #                      too_many_references: ids of References; the first and the last are kept
MAX_ID_CHARS: Final = 998  #                 (left out): one Message-ID
MAX_SUBJECT_CHARS: Final = 10_000  #         subject_too_long
MAX_NAME_CHARS: Final = 1_000  #             (cut): display name
MAX_FILENAME_CHARS: Final = 255  #           (cut, the ending kept): what file systems take
MAX_TEXT_BYTES: Final = 2_000_000  #         text_too_long: bytes of body shown; a longer part is an attachment, too
MAX_TEXT_LINES: Final = 20_000  #            too_many_lines: no reply and no forward is looked for in longer texts
MAX_DOUBLED_FIELDS: Final = 10  #            (ignored beyond): address and id fields of one name
MAX_UNPACKED_BYTES: Final = 100_000_000  #   unpacked_too_large: bytes out of winmail.dat and uuencoded blocks
MAX_TNEF_ATTRIBUTES: Final = 10_000  #       broken_tnef: attributes and properties of one winmail.dat
