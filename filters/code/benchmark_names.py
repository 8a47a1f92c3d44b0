"""Names by which benchmark theorems are known wherever they stand: those of miniF2F and of PutnamBench.

Sources: miniF2F (Zheng, Han, Polu 2022; repository openai/miniF2F) names its 488 items after their competition, or, 68
of them, by what they state; PutnamBench (trishullab/PutnamBench) as `putnam_1962_a1`, with the
answer, where one is asked, as `putnam_1962_a1_solution`. The Lean, Isabelle, Metamath and
HOL Light versions share the names.
"""

import re

from filters.words import words_of

_SYSTEMATIC = (
    r"mathd_(?:algebra|numbertheory)_\d{1,4}",
    r"amc\d{1,2}[ab]?_\d{4}_p\d{1,2}(?:_\d)?",
    r"aime(?:I|II)?_\d{4}_(?:I_|II_)?p\d{1,2}",
    r"imo(?:sl)?_\d{4}_(?:(?:algebra|numbertheory|combinatorics)_)?p\d(?:_\d)?",
    r"putnam_\d{4}_[ab]\d(?:_solution)?",
)
_DESCRIPTIVE = words_of("""
    algebra_2complexrootspoly_xsqp49eqxp7itxpn7i algebra_2rootsintpoly_am10tap11eqasqpam110
    algebra_2rootspoly_apatapbeq2asqp2ab algebra_2varlineareq_fp3zeq11_3tfm1m5zeqn68_feqn10_zeq7
    algebra_2varlineareq_xpeeq7_2xpeeq3_eeq11_xeqn4 algebra_3rootspoly_amdtamctambeqnasqmbpctapcbtdpasqmbpctapcbta
    algebra_9onxpypzleqsum2onxpy algebra_abpbcpcageq3_sumaonsqrtapbgeq3onsqrt2
    algebra_absapbon1pabsapbleqsumabsaon1pabsa algebra_absxm1pabsxpabsxp1eqxp2_0leqxleq1
    algebra_amgm_faxinrrp2msqrt2geq2mxm1div2x algebra_amgm_prod1toneq1_sum1tongeqn
    algebra_amgm_sqrtxymulxmyeqxpy_xpygeq4 algebra_amgm_sum1toneqn_prod1tonleq1 algebra_amgm_sumasqdivbgeqsuma
    algebra_amgm_sumasqdivbsqgeqsumbdiva algebra_apb4leq8ta4pb4 algebra_apbmpcneq0_aeq0anbeq0anceq0
    algebra_apbon2pownleqapownpbpowon2 algebra_apbpceq2_abpbcpcaeq1_aleq1on3anbleq1ancleq4on3
    algebra_binomnegdiscrineq_10alt28asqp1 algebra_bleqa_apbon2msqrtableqambsqon8b
    algebra_cubrtrp1oncubrtreq3_rcubp1onrcubeq5778 algebra_ineq_nto1onlt2m1on
    algebra_manipexpr_2erprsqpesqeqnrpnesq algebra_manipexpr_apbeq2cceqiacpbceqm2 algebra_others_exirrpowirrrat
    algebra_sqineq_2at2pclta2c2p41pc algebra_sqineq_2unitcircatblt1 algebra_sqineq_36azm9asqle36zsq
    algebra_sqineq_4bap1lt4bsqpap1sq algebra_sqineq_at2malt1 algebra_sqineq_unitcircatbpabsamblt1
    algebra_sqineq_unitcircatbpamblt1 algebra_sum1onsqrt2to1onsqrt10000lt198
    algebra_xmysqpymzsqpzmxsqeqxyz_xpypzp6dvdx3y3z3 induction_11div10tonmn1ton induction_12dvd4expnp1p20
    induction_1pxpownlt1pnx induction_divisibility_3div2tooddnp1 induction_divisibility_3divnto3m2n
    induction_divisibility_9div10tonm1 induction_ineq_nsqlefactn induction_nfactltnexpnm1ngt3
    induction_pord1p1on2powklt5on2 induction_pprime_pdvdapowpma induction_prod1p1onk3le3m1onn
    induction_seq_mul2pnp1 induction_sum2kp1npqsqm1 induction_sum_1oktkp1 induction_sum_odd
    induction_sumkexp3eqsumksq numbertheory_2dvd4expn numbertheory_2pownm1prime_nprime
    numbertheory_3pow2pownm1mod2pownp3eq2pownp2 numbertheory_4x3m7y3neq2003
    numbertheory_aneqprodakp4_anmsqrtanp1eq2 numbertheory_aoddbdiv4asqpbsqmod8eq1
    numbertheory_exk2powkeqapb2mulbpa2_aeq1 numbertheory_fxeq4powxp6powxp9powx_f2powmdvdf2pown
    numbertheory_nckeqnm1ckpnm1ckm1 numbertheory_notequiv2i2jasqbsqdiv8 numbertheory_prmdvsneqnsqmodpeq0
    numbertheory_sqmod3in01d numbertheory_sqmod4in01d numbertheory_sumkmulnckeqnmul2pownm1 numbertheory_x5neqy2p4
    numbertheory_xsqpysqintdenomeq
""")
"""The items of miniF2F that no competition gives a name."""

BENCHMARK_NAME = re.compile(r"\b(?:" + "|".join((*_SYSTEMATIC, *map(re.escape, _DESCRIPTIVE))) + r")(?![\w'])")


def is_benchmark_name(name: str) -> bool:
    """Whether the last part of a theorem's name is that of a benchmark's item."""
    return BENCHMARK_NAME.fullmatch(name.rsplit(".", 1)[-1]) is not None


def may_hold_benchmark(text: str) -> bool:
    """Whether any such name stands in `text`; a quick look before it is parsed."""
    return BENCHMARK_NAME.search(text) is not None
